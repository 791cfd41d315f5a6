import Foundation
import Testing

/// The table of which folder of a module may name what another declares; docs/ARCHITECTURE.md says what lives in each.
/// Names point up in the table only, so that a folder can be read with what stands above it and no more.
@Suite struct RoomTests {
  /// By module: each folder, then the folders that it names. `.` is the module's own folder.
  private static let tables: [String: [String: Set<String>]] = [
    "HTTPTransport": [
      "GRPC": [],
      "Exchange": [],
      "Limits": ["Exchange"],
      "Connection": ["Exchange", "Limits"],
      "HTTP1": ["Exchange", "Limits", "Connection"],
      "HTTP2/Engine": ["Exchange", "Limits"],
      "HTTP2/Server": ["Exchange", "Limits", "Connection", "HTTP2/Engine"],
      "HTTP2/Client": ["Exchange", "Connection", "HTTP2/Engine"],
      "Server": ["Exchange", "Limits", "Connection", "HTTP1", "HTTP2/Server"],
    ],
    "FrameQueues": [
      "Queue": [],
      "Bookkeeping": ["Queue"],
      "Memory": ["Queue", "Bookkeeping"],
      "Disk/Files": [],
      "Disk/Format": ["Queue", "Bookkeeping", "Disk/Files"],
      "Disk/Options": ["Queue", "Disk/Files", "Disk/Format"],
      "Disk/Ledger": ["Queue", "Bookkeeping", "Disk/Files", "Disk/Format", "Disk/Options"],
      "Disk/Read": ["Queue", "Bookkeeping", "Disk/Files", "Disk/Format", "Disk/Ledger"],
      "Disk/Append": ["Queue", "Disk/Files", "Disk/Format", "Disk/Options", "Disk/Ledger", "Disk/Read"],
      "Disk/Recovery": [
        "Queue", "Bookkeeping", "Disk/Files", "Disk/Format", "Disk/Options", "Disk/Ledger", "Disk/Read",
      ],
      "Disk/Commit": [
        "Queue", "Disk/Files", "Disk/Format", "Disk/Options", "Disk/Ledger", "Disk/Read", "Disk/Append",
        "Disk/Recovery",
      ],
      "Disk": [
        "Queue", "Disk/Commit", "Disk/Files", "Disk/Format", "Disk/Options", "Disk/Ledger", "Disk/Read", "Disk/Append",
        "Disk/Recovery",
      ],
    ],
    "LogPipeline": [
      "Bytes": [],
      "Batch": ["Bytes"],
      "Decode": ["Batch"],
      "Decode/Protobuf": ["Bytes", "Batch", "Decode"],
      "Decode/JSON": ["Bytes", "Batch", "Decode"],
      "Bodies": [],
      "Write": ["Bytes", "Batch", "Bodies"],
      "Write/Fields": ["Bytes", "Batch", "Write"],
      "Write/OTLP": ["Bytes", "Batch", "Write"],
      "Write/FlatLine": ["Bytes", "Batch", "Write", "Write/Fields"],
      "Signals": [
        "Bytes", "Batch", "Decode", "Decode/Protobuf", "Decode/JSON", "Bodies", "Write", "Write/OTLP",
      ],
      "Hashing": ["Bytes"],
      "Exporters": ["Bytes", "Batch", "Write", "Bodies", "Signals", "Hashing"],
      "Exporters/Debug": ["Bytes", "Batch", "Write", "Bodies", "Signals", "Exporters"],
      "Exporters/Elasticsearch/Options": [],
      "Exporters/Elasticsearch/Answers": ["Bodies", "Exporters", "Exporters/Elasticsearch/Options"],
      "Exporters/Elasticsearch/Documents": [
        "Bytes", "Batch", "Write", "Write/Fields", "Exporters", "Exporters/Elasticsearch/Options",
      ],
      "Exporters/Elasticsearch": [
        "Bytes", "Batch", "Write", "Bodies", "Exporters", "Exporters/Elasticsearch/Options",
        "Exporters/Elasticsearch/Answers", "Exporters/Elasticsearch/Documents",
      ],
      "Exporters/File": ["Bytes", "Batch", "Write", "Write/FlatLine", "Bodies", "Signals", "Exporters"],
      "Exporters/Nop": ["Batch", "Write", "Bodies", "Signals", "Exporters"],
      "Exporters/OTLP": ["Batch", "Write", "Write/OTLP", "Bodies", "Signals", "Exporters"],
      "Exporters/Balancing": [
        "Bytes", "Batch", "Write", "Write/OTLP", "Bodies", "Signals", "Exporters", "Exporters/OTLP",
      ],
      "Exporters/VictoriaLogs": [
        "Bytes", "Batch", "Write", "Write/Fields", "Write/OTLP", "Write/FlatLine", "Bodies", "Exporters",
        "Exporters/Elasticsearch/Answers", "Exporters/OTLP",
      ],
      "Match": ["Bytes", "Batch"],
      "OTTL/Syntax": ["Bytes"],
      "OTTL/Values": ["Batch", "Decode"],
      "OTTL/Code": ["Batch", "Match", "OTTL/Values"],
      "OTTL/Run": ["Bytes", "Batch", "Match", "OTTL/Values", "OTTL/Code"],
      "OTTL/Paths": ["Bytes", "Batch", "OTTL/Values", "OTTL/Code", "OTTL/Run"],
      "OTTL/Text": ["Bytes", "Match", "Hashing"],
      "OTTL/Text/Lines": ["Bytes", "OTTL/Text"],
      "OTTL/Text/Grok": ["Bytes", "Match", "OTTL/Text"],
      "OTTL/Text/Hash": [],
      "OTTL/Text/Time": ["Bytes", "Write", "OTTL/Text"],
      "OTTL/Text/XML": ["Bytes", "OTTL/Text"],
      "OTTL/Functions": [
        "Decode", "Decode/JSON", "Match", "Batch", "Bytes", "Hashing", "OTTL/Values", "OTTL/Code", "OTTL/Run",
        "OTTL/Text",
        "OTTL/Text/Lines", "OTTL/Text/Grok", "OTTL/Text/Hash", "OTTL/Text/Time", "OTTL/Text/XML",
      ],
      "OTTL/Program": [
        "Batch", "Match", "OTTL/Syntax", "OTTL/Values", "OTTL/Code", "OTTL/Run", "OTTL/Functions",
      ],
      "OTTL/Explain": [
        "Batch", "OTTL/Syntax", "OTTL/Values", "OTTL/Code", "OTTL/Run", "OTTL/Functions", "OTTL/Program",
        "OTTL/Text/Grok",
      ],
      "Processors": ["Batch", "Signals"],
      "OTTL/Reading": ["Batch", "OTTL/Syntax", "OTTL/Values", "OTTL/Program", "Processors"],
      "Processors/Attributes": ["Bytes", "Batch", "Signals", "Match", "Hashing", "Processors"],
      "Processors/Deduplication": [
        "Bytes", "Batch", "Write", "Write/OTLP", "Match", "OTTL/Program", "Processors", "OTTL/Reading",
      ],
      "Processors/Filter": ["Batch", "Match", "OTTL/Program", "Processors", "OTTL/Reading"],
      "Processors/KubernetesAttributes": ["Batch", "Exporters", "Match", "Processors"],
      "Processors/RateLimit": ["Bytes", "Batch", "Signals", "Processors"],
      "Processors/Redaction/Detectors": ["Bytes", "Match"],
      "Processors/Redaction/Detectors/Rules": ["Processors/Redaction/Detectors"],
      "Processors/Redaction": [
        "Bytes", "Batch", "Match", "Hashing", "Processors", "OTTL/Reading", "Processors/Redaction/Detectors",
      ],
      "Processors/RequiredAttributes": ["Bytes", "Batch", "Processors"],
      "Processors/Sampling": ["Bytes", "Batch", "Processors"],
      "Processors/Severity": ["Batch", "Processors"],
      "Processors/Transform": ["Batch", "OTTL/Run", "OTTL/Program", "Processors", "OTTL/Reading"],
      "Routing": ["Batch", "Match", "OTTL/Values", "OTTL/Syntax", "OTTL/Program", "Processors", "OTTL/Reading"],
      "Tenants": ["Batch", "Processors/RateLimit"],
      "Usage": ["Bytes", "Batch", "Signals"],
      "Tap": ["Batch", "Write", "Write/OTLP"],
      "Ingest": [
        "Batch", "Decode", "Write", "Signals", "Exporters", "Processors", "Routing", "Tenants", "Usage", "Tap",
      ],
    ],
    "Access": [
      "Authenticator": [],
      "TLS": [],
      "Waiting": [],
      "Secrets": [],
      "Basic": ["Authenticator", "Waiting", "Secrets"],
      "Bearer": ["Authenticator", "Secrets"],
      "Certificate": ["Authenticator"],
      "Outward": ["Bearer"],
      "JSON": [],
      "OpenID": ["Authenticator", "Waiting", "Secrets", "Outward", "JSON"],
    ],
    "OTLPReceiver": [
      "Request": [],
      "Refusal": ["Request"],
      "Messages": ["Refusal"],
      "Answers": ["Request", "Refusal", "Messages"],
      "Options": ["Request", "Answers"],
      "Head": ["Request", "Refusal", "Options"],
      "Body": ["Request", "Refusal"],
      "Counters": ["Request", "Refusal"],
      "Export": ["Request", "Refusal", "Head", "Body", "Options", "Counters"],
      "Health": ["Refusal", "Messages", "Head", "Body", "Answers", "Options"],
      "Service": ["Request", "Refusal", "Messages", "Head", "Answers", "Options", "Counters", "Export", "Health"],
    ],
    "LogExport": [
      "Sending": [],
      "Files": ["Sending"],
      "Senders": ["Sending", "Files"],
      "Credentials": ["Senders"],
      "Loop": ["Sending"],
      "DeadLetters": ["Sending", "Files", "Loop"],
      "DeadLetters/Replay": ["Sending", "Files", "Senders", "Loop", "DeadLetters"],
    ],
    "LogStore": [
      "Format": [],
      "Write": ["Format"],
      "Read": ["Format", "Write"],
      "Query": ["Format", "Write", "Read"],
      "Files": ["Format", "Write", "Read"],
      ".": ["Format", "Write", "Query", "Files"],
      "Search": ["Format", "Write", "Read", "Query", "Files", "."],
    ],
    "Gateway": [
      "Process": [],
      "Files": [],
      "TLS": [],
      "Telemetry": ["Process"],
      "Store": ["Process"],
      "Admin": ["TLS", "Telemetry", "Store"],
      "Storage": [],
      "Authentication": ["Storage"],
      "Tenants": ["Storage"],
      "Diagnostics": ["Storage"],
      "Kubernetes": ["Files", "Admin", "Assembly"],
      "Receivers": ["TLS", "Telemetry", "Storage"],
      "Processors": [],
      "Exporters": ["Files", "Store", "Admin", "Storage"],
      "Configuration": [
        "Files", "TLS", "Telemetry", "Admin", "Storage", "Authentication", "Tenants", "Diagnostics", "Receivers",
        "Processors", "Exporters",
      ],
      "Assembly": [
        "Process", "Files", "TLS", "Store", "Admin", "Storage", "Receivers", "Exporters", "Configuration",
      ],
      "Checks": ["Process", "Files", "Storage", "Receivers", "Exporters", "Configuration", "Assembly"],
      "Metrics": [
        "Process", "Telemetry", "Store", "Admin", "Receivers", "Exporters", "Configuration", "Kubernetes", "Assembly",
      ],
      "Page": ["Process", "Store", "Admin", "Exporters", "Configuration", "Preview"],
      "Tap": ["Process", "Store", "Admin", "Configuration"],
      "Lifecycle": [
        "Process", "Files", "Telemetry", "Store", "Admin", "Storage", "Receivers", "Exporters", "Kubernetes",
        "Configuration", "Assembly", "Metrics", "Page", "Tap",
      ],
      "Cases": ["Process", "Files", "Exporters", "Configuration", "Assembly"],
      "Preview": ["Process", "Files", "Configuration", "Checks"],
    ],
  ]

  @Test func everyModuleWithFoldersHasATable() {
    let modules = SourceTree.sources.filter { $0.path.split(separator: "/").count > 3 }.map(\.target)
    #expect(Set(modules) == Set(Self.tables.keys))
  }

  @Test(arguments: tables.keys.sorted()) func everyFolderNamesOnlyWhatItMay(_ module: String) throws {
    let rooms = Rooms(of: module, in: SourceTree.sources)
    for problem in rooms.problems(with: try #require(Self.tables[module])) { Issue.record("\(problem)") }
  }

  // MARK: The check itself, on a made-up module

  private static let files = [
    "Low/Pipe.swift": "struct Pipe { enum Kind { case lead } }\nprotocol Flow: AnyObject {}\nprivate struct Hidden {}",
    "Low/Pipe+Valve.swift": "extension Pipe {\n  struct Valve {}\n}",
    "High/House.swift":
      "/// Not a `Cellar`.\nstruct House {\n  let pipe: Pipe\n  let text = \"Cellar\"\n  struct Hidden {}\n}",
  ]

  private func problems(_ table: [String: Set<String>], adding path: String = "High/More.swift", _ text: String = "")
    -> [String]
  {
    var files = Self.files
    files[path] = text
    let sources = files.sorted { $0.key < $1.key }.map {
      SourceFile(path: "Sources/Plumbing/\($0.key)", text: $0.value)
    }
    return Rooms(of: "Plumbing", in: sources).problems(with: table)
  }

  private static let table: [String: Set<String>] = ["Low": [], "High": ["Low"]]

  @Test func aTableThatHoldsHasNoProblems() {
    #expect(problems(Self.table) == [])
  }

  @Test func aNameThatIsNotInTheTableIsFound() {
    #expect(
      problems(["Low": [], "High": []]) == [
        "Plumbing/High must not name Pipe of Low (Sources/Plumbing/High/House.swift)"
      ])
    #expect(
      problems(["Low": [], "High": ["Low"], "Side": []], adding: "Side/Tap.swift", "func tap(_ valve: Pipe.Valve) {}")
        == [
          "Plumbing/Side must not name Pipe of Low (Sources/Plumbing/Side/Tap.swift)",
          "Plumbing/Side must not name Pipe.Valve of Low (Sources/Plumbing/Side/Tap.swift)",
        ])
  }

  @Test(arguments: ["class Tap: Flow {}", "func f() -> [Pipe] { [] }", "extension Pipe { var x: Int { 1 } }"])
  func namesAreFoundWhereverTheyStand(_ code: String) {
    let found = problems(["Low": [], "High": ["Low"], "Side": []], adding: "Side/Tap.swift", code)
    #expect(found.count == 1)
    #expect(found.allSatisfy { $0.hasPrefix("Plumbing/Side must not name ") })
  }

  @Test(arguments: [
    "// Pipe", "/// See `Pipe`.", "let a = \"Pipe\"", "let pipe = 1", "let Pipes = 1", "let kind = other.Pipe()",
    "struct Tap {\n  struct Pipe {}\n  let own = Pipe()\n}", "let b = Hidden()", "import struct Pipe.Valve",
  ])
  func otherWordsAreNotNames(_ code: String) {
    #expect(problems(["Low": [], "High": ["Low"], "Side": []], adding: "Side/Tap.swift", code) == [])
  }

  @Test func aRowOfTheTableThatIsNotUsedIsFound() {
    #expect(
      problems(["Low": ["High"], "High": ["Low"]])
        == ["Plumbing/Low names nothing of High any more", "Plumbing: High -> Low -> High is a circle"])
    #expect(problems(["Low": [], "High": ["Low"], "Attic": []]) == ["Plumbing/Attic is in the table and has no files"])
  }

  @Test func aFolderThatIsNotInTheTableIsFound() {
    #expect(problems(["High": ["Low"]]) == ["Plumbing/Low is not in the table"])
    #expect(problems(Self.table, adding: "Root.swift", "let a = 1") == ["Plumbing/. is not in the table"])
  }

  @Test func aCircleIsFoundEvenIfTheTableAllowsIt() {
    let table: [String: Set<String>] = ["Low": ["High"], "High": ["Low"]]
    #expect(
      problems(table, adding: "Low/Drain.swift", "let house: House?")
        == ["Plumbing: High -> Low -> High is a circle"])
    let long: [String: Set<String>] = ["Low": ["Side"], "High": ["Low"], "Side": ["High"]]
    #expect(
      problems(long, adding: "Side/Door.swift", "struct Door { let house: House }")
        == ["Plumbing/Low names nothing of Side any more", "Plumbing: High -> Low -> Side -> High is a circle"])
  }
}
