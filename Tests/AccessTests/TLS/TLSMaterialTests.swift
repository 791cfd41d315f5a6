import Files
import Foundation
import NIOSSL
import Options
import Testing

@testable import Access

@Suite struct TLSMaterialTests {
  private let folder = NSTemporaryDirectory() + "tls-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  private func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)), options: .atomic)
  }

  /// A pair in files, and authorities in the configuration.
  private func material() throws -> TLSMaterial {
    try write(TestPairs.certificatePEM, "cert")
    try write(TestPairs.keyPEM, "key")
    var material = TLSMaterial()
    material.chain = .file(path("cert"))
    material.key = .file(path("key"))
    material.authorities = .text(Secret(TestPairs.expiredPEM))
    return material
  }

  private func watched(_ material: TLSMaterial) throws(FileReadError) -> WatchedTLS {
    try material.watched { found in
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.certificateChain = found.chain.map { .certificate($0) }
      configuration.privateKey = found.key.map { .privateKey($0) }
      configuration.trustRoots = found.authorities.map { .certificates($0) }
      return configuration
    }
  }

  @Test func aPairIsExchangedAsAWhole() throws {
    let tls = try watched(material())
    #expect(tls.paths == [path("cert"), path("key")])
    let first = tls.value
    #expect(first.certificateExpiry == 4_733_510_400)
    try write(TestPairs.expiredPEM, "cert")
    #expect(tls.look() == .kept(because: "the key is not that of the certificate"))
    #expect(tls.value.context === first.context && tls.value.certificateExpiry == first.certificateExpiry)
    try write(TestPairs.expiredKeyPEM, "key")
    #expect(tls.look() == .used)
    #expect(tls.value.context !== first.context && tls.value.certificateExpiry == 1_577_923_200)
    #expect(tls.counts.reloads == 1 && tls.counts.failures == 1)
  }

  @Test func whatIsNoPEMIsNotUsedAndNotQuoted() throws {
    let tls = try watched(material())
    try write("s3cr3t", "key")
    #expect(
      tls.look() == .kept(because: "\(path("key")) holds no private key in PEM, or one with a passphrase"))
    try write("", "cert")
    #expect(tls.look() == .kept(because: "\(path("cert")) holds no certificate in PEM"))
    var material = try material()
    material.authorities = .text(Secret("s3cr3t"))
    #expect { try watched(material) } throws: { "\($0)" == "the text holds no certificate in PEM" }
  }

  @Test func aFileHasALimit() throws {
    let material = try material()
    let size = TLSMaterial.maxFileBytes
    let padding = String(repeating: " ", count: size - TestPairs.certificatePEM.utf8.count)
    try write(TestPairs.certificatePEM + padding, "cert")
    #expect(throws: Never.self) { try watched(material) }
    try write(TestPairs.certificatePEM + padding + " ", "cert")
    #expect { try watched(material) } throws: {
      "\($0)" == "\(path("cert")): it has \(size + 1) bytes, the limit is \(size) bytes"
    }
  }

  @Test func textAloneIsNotWatched() throws {
    var material = TLSMaterial()
    material.authorities = .text(Secret(TestPairs.certificatePEM))
    let tls = try watched(material)
    #expect(tls.look() == nil && tls.value.certificateExpiry == nil)
    #expect(UsedFiles.tls(tls).isEmpty && UsedFiles.tls(nil).isEmpty)
    #expect(UsedFiles.tls(try watched(self.material()), at: "a.tls").map(\.option) == ["a.tls"])
    #expect("\(material)".contains("BEGIN") == false)
  }
}
