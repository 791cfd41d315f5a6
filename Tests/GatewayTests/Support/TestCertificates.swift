import Foundation

/// PEM files made anew for a run of the tests: a self-signed certificate for `localhost`, its key, and another key.
struct TestCertificates {
  static let made = Result { try TestCertificates() }

  let cert: String
  let key: String
  let otherKey: String
  let noPEM: String

  /// The certificate and its key as YAML has them on one line.
  var pemText: String { Self.quoted(cert) }
  var keyText: String { Self.quoted(key) }

  private static func quoted(_ path: String) -> String {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return "\"" + text.replacingOccurrences(of: "\n", with: "\\n") + "\""
  }

  private init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gateway-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = { (name: String) in folder.appendingPathComponent(name).path }
    (cert, key, otherKey, noPEM) = (path("cert.pem"), path("key.pem"), path("other.pem"), path("no.pem"))
    let curve = ["-pkeyopt", "ec_paramgen_curve:prime256v1"]
    try Self.openssl(
      ["req", "-x509", "-newkey", "ec"] + curve
        + [
          "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=localhost", "-days", "2", "-addext",
          "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ])
    try Self.openssl(["genpkey", "-algorithm", "EC"] + curve + ["-out", otherKey])
    try Data("no PEM".utf8).write(to: URL(fileURLWithPath: noPEM))
  }

  private static func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 { throw CocoaError(.executableLoad) }
  }
}
