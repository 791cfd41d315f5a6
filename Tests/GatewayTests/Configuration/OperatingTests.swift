import Foundation
import HTTPTransport
import LogPipeline
import NIOPosix
import OTLPReceiver
import Options
import Testing

@testable import Gateway

/// `docs/OPERATING.md` against what the gateway has.
@Suite struct OperatingTests {
  private let page: String
  private let rows: [[String]]
  private let reference = ComponentRegistry.standard.reference()

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    page = try String(contentsOf: root.appendingPathComponent("docs/OPERATING.md"), encoding: .utf8)
    rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.replacing("\\|", with: "\u{1}").split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  /// The names in backticks, `a.b` and `.b` also by their parts.
  private var names: Set<String> {
    let quoted = page.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    return Set(quoted + quoted.flatMap { $0.split { ".:{= ".contains($0) }.map(String.init) })
  }

  /// The lines of the reference without what stands before their text.
  private var lines: [Substring] {
    reference.split(separator: "\n").map { $0.drop { " #-".contains($0) } }
  }

  /// The keys of the reference, those in comments included.
  private var keys: [String] {
    lines.compactMap { text in
      guard let colon = text.firstIndex(of: ":"), text.first?.isLowercase == true, !text[..<colon].contains(" ") else {
        return nil
      }
      let after = text[colon...].dropFirst()
      return after.isEmpty || after.hasPrefix(" ") ? String(text[..<colon]) : nil
    }
  }

  @Test func everyOptionIsThere() {
    #expect(Set(keys).count > 100)
    #expect(Set(keys).subtracting(names).sorted() == [])
  }

  /// A row of a table for each processor and connector, a paragraph or row that names it for each other component.
  @Test func everyComponentIsThere() {
    let heads = rows.compactMap(\.first)
    for kind in ComponentKind.allCases {
      let needsRow = [.processors, .connectors].contains(kind)
      for (name, _) in ComponentRegistry.standard.types(kind) {
        let isThere = needsRow ? heads.contains { $0.contains("`\(name)`") } : page.contains("`\(name)`")
        #expect(isThere, "docs/OPERATING.md has no \(needsRow ? "row of" : "word on") the \(kind.singular) \(name)")
      }
    }
  }

  @Test func everyMetricIsThereAndNoOther() async throws {
    let configuration = try loadStandard(withExporter("nop", ""))
    let group = MultiThreadedEventLoopGroup.singleton
    let assembly = try await Assembly(configuration, group: group, logger: LogCapture().logger)
    let text = GatewayMetrics.text(assembly, uptime: .zero)
    await assembly.close()
    let families = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
    let starts = ["otelcol_", "sluice_", "rpc_", "http_server_", "http_client_", "target_info"]
    let isMetric = { (name: String) in starts.contains { name.hasPrefix($0) } }
    let named = names.filter { isMetric($0) && $0.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" } }
    #expect(families.count > 30)
    #expect(named.sorted() == families.map(String.init).sorted())
  }

  @Test func everyReasonIsThere() {
    let reasons =
      HTTPAbuse.allCases.map(\.rawValue) + DropReason.allCases.map(\.label) + RefusalKind.allCases.map(\.rawValue)
    #expect(Set(reasons).subtracting(names).sorted() == [])
  }

  /// The table of refusals is that of `StatusTable.swift`.
  @Test(arguments: RefusalKind.allCases)
  func refusalsAreWhatSendersSee(_ kind: RefusalKind) throws {
    let row = try #require(rows.first { $0.count == 6 && $0[0] == "`\(kind.rawValue)`" })
    let retry =
      switch kind.row.retry {
      case .never: "no"
      case .unhinted: "yes"
      case .hinted: "hint"
      }
    #expect(row[1] == "\(kind.row.httpStatus)")
    #expect(row[2].filter { $0.isLetter }.lowercased() == "\(kind.row.grpcCode)".lowercased())
    #expect(row[3] == retry)
  }

  /// Rows of one option and one value: `| `a.b` | 5 | …`.
  @Test func defaultsAreThoseOfTheReference() {
    var compared = 0
    let (keys, lines) = (Set(keys), Set(lines.map(String.init)))
    for row in rows where row.count == 3 && row[0].hasPrefix("`") && row[0].count(where: { $0 == "`" }) == 2 {
      let key = row[0].filter { $0 != "`" }.split(separator: ".").last ?? ""
      guard row[1].first?.isNumber == true, !row[1].contains(";"), keys.contains(String(key)) else { continue }
      compared += 1
      #expect(lines.contains("\(key): \(row[1])") || lines.contains("\(key): \"\(row[1])\""), "\(row[0])")
    }
    #expect(compared > 25)
  }

  @Test func everyExitCodeIsThere() {
    #expect(
      rows.filter { $0.count >= 2 }.map { $0[0] }.filter { ["0", "1", "64", "70", "78"].contains($0) }.count == 5)
  }
}
