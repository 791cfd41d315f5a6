import Foundation
import Testing

/// Declarations that nothing names, files that nothing needs, imports without use.
@Suite struct DeadCodeTests {
  /// Names that are called from outside Swift sources, with who calls them.
  private static let calledFromOutside: Set<String> = [
    "Main",  // the entry point, by @main
    "channelActive", "channelInactive", "channelRead", "channelReadComplete", "channelRegistered",  // SwiftNIO
    "channelWritabilityChanged", "errorCaught", "handlerAdded", "handlerRemoved", "userInboundEventTriggered",
    "stringLiteral",  // the compiler
  ]

  @Test func everyDeclarationIsNamedSomewhere() {
    expectNone(Self.unused(SourceTree.sources, usedBy: SourceTree.tools, except: Self.calledFromOutside))
  }

  @Test func everyInitialiserWithLabelsIsCalledSomewhere() {
    expectNone(Self.unusedInitialisers(SourceTree.sources, usedBy: SourceTree.tools, except: Self.calledFromOutside))
  }

  @Test func everyImportIsUsed() { expectNone(SourceTree.sources.flatMap(Self.unusedImports)) }

  @Test func anUnusedDeclarationIsFound() {
    let used = SourceFile(path: "Sources/A/A.swift", text: "struct A {\n  func b() { c(1) }\n  func c(_ d: Int) {}\n}")
    let user = SourceFile(path: "Fuzz/F.swift", text: "let a = A() // b\nlet e = \"\\(a.f) b\"")
    let found = Self.unused([used], usedBy: [user], except: [])
    #expect(found.map(\.line) == [2])
    #expect(Self.unused([used], usedBy: [user], except: ["b"]).isEmpty)
    let shown = SourceFile(path: "Fuzz/G.swift", text: "let e = \"\\(A().b())\"")
    #expect(Self.unused([used], usedBy: [shown], except: []).isEmpty)
  }

  /// An initialiser of `A` that only tests call, beside one that is called.
  @Test(arguments: [
    "init(x: Int, z: Int = 1) {}", "package convenience init(x: Int, z: [Int: Int]) {}", "init?(z: Int) {}",
    "init<T: P>(z: T) {}", "init(at z: Int) {}", "init(\n    x: Int,\n    z: Int\n  ) {}", "init(_ x: Int, z: Int) {}",
    "init(x: @escaping () -> Void, z: Int) {}",
  ])
  func anUnusedInitialiserIsFound(_ initialiser: String) {
    let file = SourceFile(path: "Sources/A/A.swift", text: "class A {\n  init(x: Int, y: Int) {}\n  \(initialiser)\n}")
    let others = ["A(x: 1, y: 2)", "B(x: 1, z: 2)", "z(z: 1)", "B.init(z: 1)", "String.init", "B(at: 1)", "A(1)"]
    let user = SourceFile(path: "Fuzz/F.swift", text: others.joined(separator: "\n"))
    #expect(Self.unusedInitialisers([file], usedBy: [user], except: []).map(\.line) == [3])
    #expect(Self.unusedInitialisers([file], usedBy: [user], except: ["x", "z", "at"]).isEmpty)
  }

  @Test func anInitialiserForTestsIsLeftAlone() {
    let text = "struct A {\n  /// Here for tests.\n  init(x: Int) {}\n}"
    #expect(
      Self.unusedInitialisers([SourceFile(path: "Sources/A/A.swift", text: text)], usedBy: [], except: []).isEmpty)
  }

  /// What is taken for a call, so that no initialiser in use is told to be without.
  @Test(arguments: [
    ("init(x: Int, y: Int = 1) {}", "A(x: 1)"), ("init(x: Int, y: Int = 1) {}", "let a: A = .init(x: 1, y: 2)"),
    ("init(x: Int) {}", "list.map(A.init)"), ("init(x: Int, y: Int) {}", "list.map(A.init(x:y:))"),
    ("init(x: Int) {}", "B.A(\n  x: [1, 2].map { $0 + 1 }.first ?? 0\n)"), ("init(x: String) {}", "A(x: \"b, c: d\")"),
    ("init(x: Int, y: () -> Void) {}", "A(x: 1) { }"), ("init(y: () -> Void) {}", "A { }"),
    ("init(x: Int) {}", "A<Int>(x: 1)"), ("init(x: Int, y: Int) {}", "A(x: C<Int, Int>(), y: 1 < 2 ? 3 : 4)"),
    ("init(x: Int) {}", "typealias C = A\nC(x: 1)"), ("init(x: Int) {}", "func f<T: A>(_: T.Type) { T(x: 1) }"),
    ("init(x: Int) {}", "let text = \"\\(A(x: 1))\""), ("init(_ x: Int, y: Int) {}", "A(1, y: 2)"),
    ("convenience init(x: Int) { self.init(y: x) }\n  init(y: Int) {}", "A(x: 1)"),
  ])
  func anInitialiserInUseIsNotFound(_ initialiser: String, _ use: String) {
    let text = "class A {\n  \(initialiser)\n}\n\(use)"
    let found = Self.unusedInitialisers([SourceFile(path: "Sources/A/A.swift", text: text)], usedBy: [], except: [])
    #expect(found == [])
  }

  @Test func anUnusedImportIsFound() {
    let file = SourceFile(path: "Sources/A/A.swift", text: "import Logging\nimport Synchronization\nlet a = Mutex(1)")
    #expect(Self.unusedImports(of: file).map(\.line) == [1])
  }

  /// Declarations whose name stands once in all files, but for those that say that they are there for tests.
  private static func unused(
    _ sources: [SourceFile], usedBy users: [SourceFile], except: Set<String>
  ) -> [Finding] {
    var counts: [Substring: Int] = [:]
    let texts = (sources + users).map(\.namesInCode)
    for lines in texts { for line in lines { for word in words(line) { counts[word, default: 0] += 1 } } }
    return sources.flatMap { file in
      file.code.enumerated().flatMap { index, line in
        declared(in: line).filter { counts[$0, default: 0] <= 1 && !except.contains(String($0)) }
          .filter { _ in index == 0 || !file.lines[index - 1].hasSuffix("for tests.") }
          .map { Finding(path: file.path, line: index + 1, text: "nothing uses \($0)") }
      }
    }
  }

  /// Initialisers with labels that nothing calls, but for those that say that they are there for tests.
  private static func unusedInitialisers(
    _ sources: [SourceFile], usedBy users: [SourceFile], except: Set<String>
  ) -> [Finding] {
    let lines = Dictionary(sources.map { ($0.path, $0.lines) }) { first, _ in first }
    return Initialisers(of: sources, usedBy: users).unused
      .filter { !$0.labels.contains { except.contains($0.name) } }
      .filter { $0.line < 2 || lines[$0.path]?[$0.line - 2].hasSuffix("for tests.") != true }
      .map { Finding(path: $0.path, line: $0.line, text: "nothing but tests uses \($0.name)") }
  }

  private static let kinds: Set<Substring> = [
    "func", "var", "let", "struct", "enum", "class", "protocol", "typealias", "actor",
  ]

  /// The names that a line declares: the word after each keyword of a declaration.
  private static func declared(in line: String) -> [Substring] {
    let all = words(line)
    return zip(all, all.dropFirst()).compactMap { word, next in kinds.contains(word) ? next : nil }
      .filter { $0.first.map { $0.isLetter } == true && !kinds.contains($0) }
  }

  /// The names and numbers of a line.
  private static func words(_ line: String) -> [Substring] {
    line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
  }

  /// A word of each module without which an import of it is of no use; modules that are not listed are not judged.
  private static let signs: [String: [String]] = [
    "Logging": ["Logger", "LogHandler", "LoggingSystem"],
    "Synchronization": ["Mutex", "Atomic", "WordPair", "AtomicRepresentable"],
    "NIOSSL": ["NIOSSL", "TLSConfiguration", "TLSVersion", "NIOTLSCipher", "SSL"],
    "NIOPosix": [
      "Bootstrap", "NIOConnectionError", "MultiThreadedEventLoopGroup", "NIOThreadPool", "SocketOptionProvider",
    ],
    "NIOHTTP1": ["HTTP", "NIOHTTP"],
    "NIOTLS": ["TLSUserEvent", "ALPN"],
    "NIOConcurrencyHelpers": ["NIOLock", "NIOLoopBound"],
    "NIOFoundationCompat": ["Data"],
    "AsyncHTTPClient": ["HTTPClient"],
    "ArgumentParser": ["Command", "Argument", "ExitCode", "ValidationError", "Option"],
    "CDeflate": ["libdeflate", "LIBDEFLATE"],
    "CZstd": ["ZSTD"],
    "CYAML": ["yaml_", "YAML_"],
    "CNGHTTP2": ["nghttp2", "NGHTTP2"],
    "CProtobufC": ["protobuf_c", "Protobuf"],
    "COTLP": ["__", "ProtobufC", "protobuf_c"],
  ].merging(ownLibraries) { given, _ in given }

  /// The functions that the headers of our own C targets declare.
  private static let ownLibraries: [String: [String]] = {
    var names: [String: [String]] = [:]
    for target in ["CDisk", "CDigest", "CVector", "CWords", "CSystemCalls", "CRE2"] {
      let folder = SourceTree.root.appendingPathComponent("Sources/\(target)/include")
      let headers = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
      for header in headers where header.pathExtension == "h" {
        let text = (try? String(contentsOf: header, encoding: .utf8)) ?? ""
        names[target, default: []] += text.components(separatedBy: "(").dropLast().compactMap { words($0).last }
          .map { "\($0)(" }
      }
    }
    return names
  }()

  private static func unusedImports(of file: SourceFile) -> [Finding] {
    let code = file.namesInCode
    return file.code.enumerated().compactMap { index, line in
      let parts = line.split(separator: " ").map(String.init)
      guard let keyword = parts.firstIndex(of: "import"), keyword <= 2, keyword + 2 == parts.count,
        let signs = signs[parts[keyword + 1]]
      else { return nil }
      let isUsed = code.enumerated().contains { at, text in at != index && signs.contains { text.contains($0) } }
      return isUsed
        ? nil : Finding(path: file.path, line: index + 1, text: "import of \(parts[keyword + 1]) without use")
    }
  }
}
