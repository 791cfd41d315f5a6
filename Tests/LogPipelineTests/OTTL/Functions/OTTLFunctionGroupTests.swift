import Testing

@testable import LogPipeline

@Suite struct OTTLFunctionGroupTests {
  /// The functions of the Collector's OTTL for logs, by group of its reference.
  private static let known: [String] = """
    set append delete_index delete_key delete_matching_keys keep_matching_keys keep_keys limit flatten merge_maps replace_pattern
    replace_all_patterns replace_match replace_all_matches truncate_all stringify_all
    Concat Split Substring Trim TrimPrefix TrimSuffix HasPrefix HasSuffix ConvertCase ToLowerCase ToUpperCase ToSnakeCase ToCamelCase Format
    String Hex Index Len IsMatch ExtractPatterns ExtractGrokPatterns ParseJSON ParseKeyValue ParseCSV ParseInt ParseSeverity ParseXML
    ParseSimplifiedXML GetXML InsertXML RemoveXML ConvertAttributesToElementsXML ConvertTextToElementsXML ToKeyValueString URL UserAgent
    Base64Encode Decode Base64Decode ParseCEF ParseCLF ParseELF ParseLEEF
    Int Double Bool IsString IsInt IsDouble IsBool IsMap IsList IsEmpty IsInCIDR IsValidLuhn IsRootSpan Coalesce ContainsValue Keys Values
    SliceToMap Sort All Any Filter Find MapEach MapKeys Reduce When
    Now Time FormatTime TruncateTime Unix UnixSeconds UnixMilli UnixMicro UnixNano Year Month Day Hour Minute Second Nanosecond Weekday Duration
    Hours Minutes Seconds Milliseconds Microseconds Nanoseconds
    SHA256 SHA512 SHA1 MD5 FNV Murmur3Hash Murmur3Hash128 XXH3 XXH128 UUID UUIDv7 TraceID SpanID ProfileID CommunityID Log
    """.split { $0 == " " || $0 == "\n" }.map(String.init)

  @Test func everyFunctionIsThereOrLeftOutForAReason() {
    let there = OTTLFunctionTable.all.names
    for name in Self.known { #expect(there.contains(name) != (OTTLAbsentFunctions.reasons[name] != nil), "\(name)") }
    for name in OTTLAbsentFunctions.reasons.keys { #expect(!there.contains(name)) }
    #expect(there.subtracting(Self.known) == [])
    #expect(Set(Self.known).count == Self.known.count)
  }

  @Test func idsAreThoseOfTheirGroups() {
    for group in OTTLFunctionGroup.allCases {
      let names = group.functions.map(\.name)
      #expect(Set(names).count == names.count)
      for function in group.functions {
        let entry = OTTLFunctionTable.all[function.name]
        #expect(entry?.group == group.rawValue)
        #expect(entry.map { names[Int($0.id)] } == function.name)
      }
    }
  }

  @Test func parametersAreNamedAsStatementsNameThem() {
    for function in OTTLFunctionGroup.allCases.flatMap(\.functions) {
      for parameter in function.parameters {
        #expect(
          parameter.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(function.name) \(parameter.name)"
        )
      }
      let optional = function.parameters.map(\.isOptional)
      #expect(optional == optional.sorted { !$0 && $1 }, "\(function.name)")
    }
  }

  @Test func anIdThatIsNoneIsAFault() {
    for group in OTTLFunctionGroup.allCases {
      var run = OTTLRun(OTTLCode(), request: RequestContext())
      var fault: OTTLFault?
      do throws(OTTLFault) {
        _ = try run.call(250, of: group.rawValue, OTTLArguments(first: 0, preparedIndex: 0))
      } catch {
        fault = error
      }
      #expect(fault == .unavailable)
    }
  }
}
