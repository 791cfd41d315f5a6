import Testing

@testable import LogPipeline

/// Every editor and converter with a call that succeeds, and what becomes of that call when one argument after another
/// is nil, of each other type, as large or small as it can be, and text that is no UTF-8.
@Suite struct OTTLEveryFunctionTests {
  /// An argument of each type; nothing of it is known at load.
  private static let samples: [(kind: OTTLValue.Kind, expression: String)] = [
    (.none, #"attributes["none"]"#), (.bool, #"attributes["b"]"#), (.int, #"attributes["i"]"#),
    (.double, #"attributes["d"]"#), (.string, #"attributes["n"]"#), (.bytes, #"attributes["y"]"#),
    (.list, #"attributes["l"]"#), (.map, #"attributes["m"]"#), (.time, "time"), (.duration, "time - observed_time"),
    (.traceID, "trace_id"), (.spanID, "span_id"),
  ]

  /// A constant of each type.
  private static let constants: [(kind: OTTLValue.Kind, expression: String)] = [
    (.none, "nil"), (.bool, "true"), (.int, "1"), (.double, "1.5"), (.string, #""17""#), (.bytes, "0x01"),
    (.list, "[1]"), (.map, #"{"a": 1}"#),
  ]

  /// The types that may stand for one that is wanted; nil if any may.
  private static func taken(_ wanted: OTTLWanted) -> Set<OTTLValue.Kind>? {
    switch wanted {
    case .any: nil
    case .string: [.string]
    case .int: [.int]
    case .double: [.double]
    case .bool: [.bool]
    case .map: [.map]
    case .list: [.list]
    case .time: [.time]
    case .duration: [.duration]
    case .stringLike:
      [.none, .bool, .int, .double, .string, .bytes, .list, .map, .time, .duration, .traceID, .spanID]
    case .intLike, .doubleLike, .boolLike: [.none, .bool, .int, .double, .string]
    case .bytesLike: [.none, .bool, .int, .double, .string, .bytes]
    }
  }

  /// Functions that take any expression, and say themselves what it must be.
  private static let takenByFunction: [String: Set<OTTLValue.Kind>] = [
    "Len.target": [.string, .list, .map], "Index.target": [.string, .list], "Index.value": [.string],
    "TraceID.bytes": [.string, .bytes], "SpanID.bytes": [.string, .bytes], "ParseSeverity.target": [.int, .string],
    "All.source": [.list, .map], "Any.source": [.list, .map], "Filter.source": [.list, .map],
    "Find.source": [.list, .map], "MapEach.source": [.list, .map], "MapKeys.source": [.map],
    "Reduce.source": [.list, .map],
  ]

  private static let attributes: [(key: String, json: String)] = [
    ("b", #"{"boolValue":true}"#), ("i", #"{"intValue":"1"}"#), ("zero", #"{"intValue":"0"}"#),
    ("min", #"{"intValue":"-9223372036854775808"}"#), ("max", #"{"intValue":"9223372036854775807"}"#),
    ("d", #"{"doubleValue":1.5}"#), ("y", #"{"bytesValue":"/8M="}"#),
    ("l", #"{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":"y"}]}}"#),
    ("m", #"{"kvlistValue":{"values":[{"key":"x","value":{"stringValue":"1"}}]}}"#), ("levels", levels),
  ]

  /// What `ParseSeverity` goes by: `{"info": [{"equals": ["hello"]}]}`.
  private static let levels: String = {
    let equals = #"{"arrayValue":{"values":[{"stringValue":"hello"}]}}"#
    let criterion = #"{"kvlistValue":{"values":[{"key":"equals","value":\#(equals)}]}}"#
    let list = #"{"arrayValue":{"values":[\#(criterion)]}}"#
    return #"{"kvlistValue":{"values":[{"key":"info","value":\#(list)}]}}"#
  }()

  private static let texts: [(key: String, text: String)] = [
    ("n", "17"), ("s", "hello"), ("json", #"{\"a\":1}"#), ("xml", "<a x='1'>t<b/></a>"), ("kv", "a=1"),
    ("cef", "CEF:0|v|p|1|id|name|5|src=1.2.3.4"), ("leef", "LEEF:1.0|v|p|1|id|src=1.2.3.4"),
    ("clf", #"1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326"#),
    ("elf", #"#Version: 1.0\n#Fields: a b\n1 2"#), ("url", "http://h/p"), ("duration", "1h"),
    ("date", "2024-01-05"), ("ip", "10.0.0.1"), ("net", "10.0.0.0/8"), ("tcp", "TCP"), ("base64", "q80="),
    ("id", "0102030405060708090a0b0c0d0e0f10"), ("span", "0102030405060708"), ("named", "(?P<a>h)"), ("csv", "1,2"),
    ("header", "a,b"), ("part", "<c/>"),
  ]

  private static let record: String = {
    let values = attributes.map { #"{"key":"\#($0.key)","value":\#($0.json)}"# }
    let strings = texts.map { #"{"key":"\#($0.key)","value":{"stringValue":"\#($0.text)"}}"# }
    return #""timeUnixNano":"1704467049120000000","observedTimeUnixNano":"1","body":{"stringValue":"b"},"#
      + #""attributes":[\#((values + strings).joined(separator: ","))]"#
  }()

  /// The arguments of a call that succeeds; `@x` stands for `attributes["x"]`.
  private static let calls: [String: String] = {
    var calls: [String: String] = [
      "set": "@new; @s", "append": "@l; @s; [@i]", "delete_index": "@l; @zero; @i", "delete_key": "@m; @s",
      "delete_matching_keys": "@m; @s", "keep_matching_keys": "@m; @s", "keep_keys": "@m; [@s]", "limit": "@m; 1; []",
      "flatten": "@m; \"p\"; 2; true", "merge_maps": "@m; @m; \"upsert\"",
      "replace_pattern": "@s; @s; @n; SHA256; \"<%s>\"",
      "replace_all_patterns": "@m; \"value\"; @s; @n; SHA256", "replace_match": "@s; \"h*\"; @n",
      "replace_all_matches": "@m; \"*\"; @n", "truncate_all": "@m; 5; true; \"..\"", "stringify_all": "@m",
      "Concat": "[@s]; @n", "Split": "@s; @n", "Substring": "@s; @i; @i; true", "Trim": "@s; \"h\"",
      "ConvertCase": "@s; \"upper\"", "Format": "\"%v\"; [@s]", "String": "@s", "Hex": "@s", "Index": "@s; @s",
      "Len": "@s", "IsMatch": "@s; @s", "ToKeyValueString": "@m; \"=\"; \",\"; true", "ParseJSON": "@json",
      "ParseKeyValue": "@kv; \"=\"; \",\"", "ParseCSV": "@csv; @header; \",\"; \",\"; \"strict\"",
      "ExtractPatterns": "@s; @named", "ExtractGrokPatterns": "@s; \"%{WORD:a}\"; true; [\"N=1\"]",
      "ParseInt": "@n; @zero", "ParseSeverity": "@s; @levels", "ParseCEF": "@cef", "ParseLEEF": "@leef",
      "ParseCLF": "@clf; \"clf\"", "ParseELF": "@elf", "URL": "@url", "UserAgent": "@s", "ParseXML": "@xml",
      "ParseSimplifiedXML": "@xml", "GetXML": "@xml; \"/a\"", "InsertXML": "@xml; \"/a\"; @part",
      "RemoveXML": "@xml; \"/a/b\"", "ConvertAttributesToElementsXML": "@xml; \"//@x\"",
      "ConvertTextToElementsXML": "@xml; \"/a\"; \"v\"", "Base64Encode": "@s; \"base64-url\"",
      "Base64Decode": "@base64", "Decode": "@base64; \"base64\"", "Int": "@n", "Double": "@n", "Bool": "@b",
      "IsEmpty": "@s", "IsInCIDR": "@ip; [@net]", "IsValidLuhn": "@n", "Coalesce": "[@none, @s]",
      "ContainsValue": "@l; @s", "Keys": "@m", "Values": "@m", "SliceToMap": "@l", "Sort": "@l; \"desc\"",
      "All": "@l; (k, v) => true", "Any": "@l; (k, v) => true", "Filter": "@l; (k, v) => true",
      "Find": "@l; (k, v) => true; (k, v) => k", "MapEach": "@l; (k, v) => k", "MapKeys": "@m; (k, v) => k",
      "Reduce": "@l; @i; (acc, k, v) => acc", "When": "() => true; @s; @n", "Now": "", "UUID": "", "UUIDv7": "",
      "Time": "@date; \"%Y-%m-%d\"; \"UTC\"; \"en\"", "FormatTime": "time; \"%F\"",
      "TruncateTime": "time; time - observed_time", "Unix": "@i; @i", "Duration": "@duration", "TraceID": "@id",
      "SpanID": "@span", "Log": "@n", "CommunityID": "@ip; @i; @ip; @i; @tcp; @zero",
    ]
    for name in ["TrimPrefix", "TrimSuffix", "HasPrefix", "HasSuffix"] { calls[name] = "@s; @n" }
    for name in ["String", "Int", "Double", "Bool", "Map", "List"] { calls["Is" + name] = "@s" }
    for name in ["Lower", "Upper", "Snake", "Camel"] { calls["To\(name)Case"] = "@s" }
    for name in ["UnixSeconds", "UnixMilli", "UnixMicro", "UnixNano", "Year", "Month", "Day", "Hour", "Minute"] {
      calls[name] = "time"
    }
    for name in ["Second", "Nanosecond", "Weekday"] { calls[name] = "time" }
    for name in ["Hours", "Minutes", "Seconds", "Milliseconds", "Microseconds", "Nanoseconds"] {
      calls[name] = "time - observed_time"
    }
    for name in ["SHA256", "SHA512", "SHA1", "MD5", "FNV", "Murmur3Hash", "Murmur3Hash128", "XXH3", "XXH128"] {
      calls[name] = "@s"
    }
    return calls
  }()

  /// The arguments of a function's call.
  private static func arguments(_ name: String) throws -> [String] {
    let call = try #require(calls[name], "\(name) has no call in the table")
    return call.split(separator: "; ").map { argument in
      var text = ""
      var rest = argument[...]
      while let at = rest.firstIndex(of: "@") {
        let word = rest[rest.index(after: at)...].prefix { $0.isLetter || $0.isNumber }
        // In a path of XML it is an attribute's.
        text += rest[..<at] + (argument.contains("//") ? "@\(word)" : "attributes[\"\(word)\"]")
        rest = rest[word.endIndex...]
      }
      return text + rest
    }
  }

  /// What a call comes to as a statement: a problem at load, or the fault of the record if there is one.
  private static func outcome(_ function: OTTLFunction, _ arguments: [String]) throws -> Outcome {
    let call = "\(function.name)(\(arguments.joined(separator: ", ")))"
    // Times, durations and ids cannot be set, but compared.
    let statement = function.isEditor ? call : "set(attributes[\"out\"], true) where \(call) != nil"
    let program: OTTLProgram
    do {
      program = try OTTLTesting.program([statement])
    } catch {
      return Outcome(fault: nil, isRefused: true)
    }
    var batch = try OTTLTesting.batch(record)
    try program.run(over: &batch, of: RequestContext())
    OTTLTesting.expectInvariants(of: batch)
    return Outcome(fault: program.groups[0].statements[0].tally.faults.lastFault, isRefused: false)
  }

  private struct Outcome: Equatable {
    var fault: OTTLFault?
    var isRefused: Bool

    var isSuccess: Bool { !isRefused && fault == nil }
    var isOfType: Bool { fault == .wrongType || fault == .nothing }
  }

  private static let functions = OTTLFunctionGroup.allCases.flatMap(\.functions)

  @Test func everyFunctionHasACallThatSucceeds() throws {
    #expect(Set(Self.calls.keys) == Set(Self.functions.map(\.name)))
    for function in Self.functions {
      let outcome = try Self.outcome(function, try Self.arguments(function.name))
      #expect(outcome.isSuccess, "\(function.name): \(outcome)")
    }
  }

  /// A value of a type that is not wanted is a fault of the record that has it, and so is nil; a constant of such a
  /// type is refused at load.
  @Test func everyArgumentIsOfTheTypeThatIsWanted() throws {
    for function in Self.functions {
      let arguments = try Self.arguments(function.name)
      for (index, parameter) in function.parameters.enumerated() where index < arguments.count {
        guard case .value(let wanted) = parameter.kind else { continue }
        let name = "\(function.name).\(parameter.name)"
        let taken = Self.takenByFunction[name] ?? Self.taken(wanted)
        for (kind, expression) in Self.samples {
          let outcome = try Self.outcome(function, arguments.replacing(index, by: expression))
          if let taken, !taken.contains(kind) {
            #expect(outcome.fault == (kind == .none ? .nothing : .wrongType), "\(name) of \(kind): \(outcome)")
          } else if kind != .none && name != "ParseSeverity.mapping" && name != "set.value" {
            // A mapping has to have members of one form, and what cannot be set is refused at load.
            #expect(!outcome.isOfType && !outcome.isRefused, "\(name) of \(kind): \(outcome)")
          }
        }
        for (kind, expression) in Self.constants {
          let outcome = try Self.outcome(function, arguments.replacing(index, by: expression))
          let isWanted = Self.taken(wanted)?.contains(kind) ?? true
          if !isWanted && !(parameter.isOptional && kind == .none) {
            #expect(outcome.isRefused, "\(name) of a constant \(kind): \(outcome)")
          }
        }
      }
    }
  }

  /// Elements of lists that are written out.
  @Test func everyElementIsOfTheTypeThatIsWanted() throws {
    for function in Self.functions {
      let arguments = try Self.arguments(function.name)
      for (index, parameter) in function.parameters.enumerated() where index < arguments.count {
        guard case .values(let wanted) = parameter.kind, let taken = Self.taken(wanted) else { continue }
        for (kind, expression) in Self.samples {
          let outcome = try Self.outcome(function, arguments.replacing(index, by: "[\(expression)]"))
          let expected: OTTLFault? = taken.contains(kind) ? nil : kind == .none ? .nothing : .wrongType
          let fault = outcome.isOfType ? outcome.fault : nil
          #expect(fault == expected && !outcome.isRefused, "\(function.name) of a \(kind): \(outcome)")
        }
      }
    }
  }

  /// A pattern that comes from a record.
  @Test(arguments: [
    (#"attributes["none"]"#, OTTLFault.nothing), (#"attributes["i"]"#, .wrongType),
    (#"Concat(["(", attributes["s"]], "")"#, .badPattern),
  ])
  func everyPatternIsAPattern(_ expression: String, _ fault: OTTLFault) throws {
    for function in Self.functions {
      let arguments = try Self.arguments(function.name)
      for (index, parameter) in function.parameters.enumerated() {
        guard case .pattern = parameter.kind else { continue }
        let outcome = try Self.outcome(function, arguments.replacing(index, by: expression))
        #expect(outcome.fault == fault, "\(function.name): \(outcome)")
      }
    }
  }

  /// The map or list that an editor edits has to be there, and to be one.
  @Test func everyTargetHasMembers() throws {
    for function in Self.functions {
      let arguments = try Self.arguments(function.name)
      for (index, parameter) in function.parameters.enumerated() {
        guard case .members = parameter.kind else { continue }
        for (target, fault) in [("none", OTTLFault.nothing), ("s", .notIndexable), ("i", .notIndexable)] {
          let outcome = try Self.outcome(function, arguments.replacing(index, by: "attributes[\"\(target)\"]"))
          #expect(outcome.fault == fault, "\(function.name) of \(target): \(outcome)")
        }
        for other in ["severity_number", "\"text\"", "Keys(attributes)"] {
          #expect(try Self.outcome(function, arguments.replacing(index, by: other)).isRefused, "\(function.name)")
        }
      }
    }
  }

  /// Numbers at the ends of what they can be, and texts that are no UTF-8, trap nowhere and leave a batch.
  @Test func nothingIsTooLargeOrTooOdd() throws {
    let odd = [
      #"attributes["min"]"#, #"attributes["max"]"#, "-1", "0", "9223372036854775807", #""\xff\xc3""#, #""""#,
      #"Concat([attributes["s"], "\xf0\x9f"], "")"#, #"Concat([], "")"#,
    ]
    for function in Self.functions {
      let arguments = try Self.arguments(function.name)
      for index in arguments.indices {
        for expression in odd {
          let outcome = try Self.outcome(function, arguments.replacing(index, by: expression))
          #expect(outcome.fault != .unavailable, "\(function.name) of \(expression)")
        }
      }
    }
  }

  /// Too few arguments, and one too many.
  @Test func everyCallHasItsArguments() throws {
    for function in Self.functions {
      let arguments = try Self.arguments(function.name)
      if function.requiredCount > 0 {
        let few = Array(arguments.prefix(function.requiredCount - 1))
        #expect(try Self.outcome(function, few).isRefused, "\(function.name)")
      }
      let absent = Array(repeating: "nil", count: max(function.parameters.count - arguments.count, 0))
      #expect(try Self.outcome(function, arguments + absent + ["1"]).isRefused, "\(function.name)")
    }
  }
}

extension [String] {
  fileprivate func replacing(_ index: Int, by argument: String) -> [String] {
    var changed = self
    changed[index] = argument
    return changed
  }
}
