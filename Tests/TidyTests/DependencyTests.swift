import Foundation
import Testing

/// What Package.swift gives a target to depend on is what its files import.
@Suite struct DependencyTests {
  @Test func everyDependencyIsImported() throws {
    let manifest = try String(contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
    let targets = PackageTarget.all(in: manifest)
    // The tools that only some commands build are among them.
    #expect(
      targets.count > 15 && targets.contains { $0.name == "sluice-micro" } && targets.contains { $0.name == "Oracle" })
    expectNone(Self.unused(targets, SourceTree.sources + SourceTree.tests + SourceTree.tools))
  }

  private static let manifest = """
    func layer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
      .target(name: name, dependencies: dependencies, swiftSettings: settings)
    }
    let core: Target.Dependency = .product(name: "Core", package: "core")
    let extra: Target.Dependency = .product(name: "Extra", package: "extra")
    targets: [
      .target(name: "C", dependencies: ["CLibrary"]),
      // layer("Commented", ["Nothing"]),
      layer("Low", []),
      layer("High", ["Low", "C", core, extra]),
      .executableTarget(
        name: "tool", dependencies: ["High", "Low"], path: "Tools/Tool", swiftSettings: settings),
      tests("HighTests", ["High", core]),
    ]
    """

  private static let files = [
    "Sources/Low/A.swift": "struct A {}", "Sources/High/B.swift": "package import Low\nimport struct Core.Thing",
    "Sources/High/Inner/C.swift": "// import Extra\nimport C", "Tools/Tool/main.swift": "import High",
    "Tests/HighTests/BTests.swift": "@testable import High\nlet text = \"import Core\"",
    "Sources/Low/B.swift": "import Low",
  ].map { SourceFile(path: $0.key, text: $0.value) }

  @Test func targetsAreReadWithTheirDependencies() {
    let targets = PackageTarget.all(in: Self.manifest)
    #expect(targets.map(\.name) == ["C", "Low", "High", "tool", "HighTests"])
    #expect(
      targets.map(\.dependencies) == [
        ["CLibrary"], [], ["Low", "C", "Core", "Extra"], ["High", "Low"], ["High", "Core"],
      ])
    #expect(targets.map(\.folder) == ["Sources/C", "Sources/Low", "Sources/High", "Tools/Tool", "Tests/HighTests"])
  }

  @Test func aDependencyThatNoFileImportsIsFound() {
    let found = Self.unused(PackageTarget.all(in: Self.manifest), Self.files)
    #expect(
      found.map(\.text) == [
        "no file of High imports Extra", "no file of tool imports Low", "no file of HighTests imports Core",
      ])
  }

  /// Dependencies of targets that no Swift file imports; a target in C has none.
  private static func unused(_ targets: [PackageTarget], _ files: [SourceFile]) -> [Finding] {
    targets.flatMap { target -> [Finding] in
      let own = files.filter { $0.path.hasPrefix(target.folder + "/") }
      let imported = Set(own.flatMap { $0.imports.map(\.module) })
      return target.dependencies.filter { !own.isEmpty && !imported.contains($0) }.map {
        Finding(path: "Package.swift", line: target.line, text: "no file of \(target.name) imports \($0)")
      }
    }
  }
}

/// A target as the manifest declares it: by a call of `layer`, `tests` or one of the package's own functions.
struct PackageTarget {
  let name: String
  let dependencies: [String]
  let folder: String
  let line: Int

  /// The targets of a manifest, in its order.
  static func all(in manifest: String) -> [PackageTarget] {
    let text = manifest.components(separatedBy: "\n")
      .map { $0.hasPrefix("//") ? "" : $0.components(separatedBy: " //")[0] }.joined(separator: "\n")
    let products = text.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/)
      .reduce(into: [String: String]()) { $0[String($1.1)] = String($1.2) }
    return text.matches(of: /\b(layer|tests|target|executableTarget)\(\s*(?:name: )?"([\w-]+)"/).map { match in
      let call = brackets(in: text[match.range.lowerBound...], "(", ")")
      let given = call.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
      let name = String(match.2)
      return PackageTarget(
        name: name,
        dependencies: brackets(in: call, "[", "]").matches(of: /"(\w+)"|(\w+)/).map { item in
          item.1.map(String.init) ?? item.2.flatMap { products[String($0)] } ?? "\(item.0)"
        },
        folder: given ?? "\(match.1 == "tests" ? "Tests" : "Sources")/\(name)",
        line: text[..<match.range.lowerBound].count { $0 == "\n" } + 1)
    }
  }

  /// What stands between the first opening bracket and the one that closes it.
  private static func brackets(in text: Substring, _ open: Character, _ close: Character) -> Substring {
    guard let start = text.firstIndex(of: open) else { return "" }
    var depth = 0
    for index in text[start...].indices {
      depth += text[index] == open ? 1 : text[index] == close ? -1 : 0
      if depth == 0 { return text[text.index(after: start)..<index] }
    }
    return ""
  }
}
