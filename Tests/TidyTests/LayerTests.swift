import Foundation
import Testing

/// The table of who may import whom; docs/ARCHITECTURE.md draws it. Imports point down only.
@Suite struct LayerTests {
  private static let allowed: [String: Set<String>] = [
    "Options": [],
    "Files": ["Glibc", "Synchronization"],
    "FrameQueues": ["CDisk", "Glibc", "Synchronization"],
    "HTTPTransport": [
      "CNGHTTP2", "CDigest", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "NIOTLS", "NIOConcurrencyHelpers", "Glibc",
      "Synchronization",
    ],
    "LogPipeline": ["Options", "FrameQueues", "COTLP", "CRE2", "CVector", "CDigest", "Glibc", "Synchronization"],
    "Access": [
      "Options", "Files", "HTTPTransport", "CDigest", "CCrypt", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "JWTKit",
      "Glibc", "Synchronization",
    ],
    "OTLPReceiver": [
      "LogPipeline", "Access", "Options", "FrameQueues", "HTTPTransport", "COTLP", "CProtobufC", "CDeflate", "CZstd",
      "NIOCore", "NIOPosix", "NIOHTTP1", "NIOConcurrencyHelpers", "Glibc", "Synchronization",
    ],
    "LogExport": [
      "LogPipeline", "Access", "Options", "Files", "FrameQueues", "HTTPTransport", "CDeflate", "CZstd", "NIOCore",
      "NIOPosix",
      "NIOHTTP1", "NIOSSL", "NIOConcurrencyHelpers", "NIOFoundationCompat", "AsyncHTTPClient", "Logging", "Glibc",
      "Synchronization",
    ],
    "LogStore": [
      "LogPipeline", "Options", "FrameQueues", "CDisk", "CWords", "CZstd", "Glibc", "Synchronization",
    ],
    "Gateway": [
      "OTLPReceiver", "LogExport", "LogStore", "LogPipeline", "Access", "Options", "Files", "FrameQueues",
      "HTTPTransport", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL", "Logging", "CYAML", "CSystemCalls", "CPage",
      "Glibc",
      "Synchronization",
    ],
    "sluice": [
      "Gateway", "LogExport", "LogStore", "Options", "FrameQueues", "CSystemCalls", "ArgumentParser", "Glibc",
      "Synchronization",
    ],
  ]

  @Test func everyTargetImportsOnlyWhatItsLayerMay() {
    for file in SourceTree.sources {
      guard let allowed = Self.allowed[file.target] else {
        Issue.record("\(file.path): target \(file.target) is not in the table")
        continue
      }
      for (line, module) in file.imports where !allowed.contains(module) {
        Issue.record("\(file.path):\(line): \(file.target) must not import \(module)")
      }
    }
  }

  /// A test file stands in the folder and under the name of the source it tests, or tests a whole folder.
  @Test func testsMirrorSources() {
    let sources = Set(SourceTree.sources.map { mirrored($0.path) } + ["Oracle/ProtobufOracle.swift"])
    let folders = Set(sources.map { ($0 as NSString).deletingLastPathComponent })
    for file in SourceTree.tests where file.name.hasSuffix("Tests") && file.target != "TidyTests" {
      let path = file.path.dropFirst("Tests/".count).replacingOccurrences(
        of: "\(file.target)/", with: "\(file.target.dropLast("Tests".count))/", options: .anchored)
      let subject = path.replacingOccurrences(of: "Tests.swift", with: ".swift")
      let folder = (subject as NSString).deletingLastPathComponent
      let isSubject = sources.contains(subject) || sources.contains { $0.hasPrefix(subject.dropLast(".swift".count)) }
      if !isSubject && !folders.contains(folder) { Issue.record("\(file.path) mirrors no source") }
    }
  }

  private func mirrored(_ path: String) -> String { String(path.dropFirst("Sources/".count)) }
}
