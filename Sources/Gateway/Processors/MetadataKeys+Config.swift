import LogPipeline
import Options

extension ConfigReader {
  /// By what of requests' metadata records are kept apart, as a section says it; nil if it names no keys.
  func metadataKeys() -> MetadataKeys? {
    let named = placedList(
      "metadata_keys", of: .metadataKey,
      "Header fields, entries of gRPC metadata, or auth. and a name: records whose requests differ in the values never "
        + "share a request.")
    let most = read(
      "metadata_cardinality_limit", .int(in: 0...MetadataKeys.mostCombinations), default: 1000,
      "The most combinations of values on their way at once; 0 stands for \(MetadataKeys.mostCombinations).")
    let bytes = read(
      "metadata_value_limit", .byteSize(in: 1...MetadataKeys.maxTextBytes), default: 1024,
      "The longest value; not in the Collector.")
    if named.count > MetadataKeys.maxKeys {
      error(at: "metadata_keys", "found \(named.count) keys: the limit is \(MetadataKeys.maxKeys)")
    }
    var seen: Set<String> = []
    for key in named where !seen.insert(MetadataKeys.name(key.value)).inserted {
      report.error(
        at: key.place, path: path(of: "metadata_keys"),
        "\"\(key.value.forDisplay(maxCharacters: 64))\" stands here twice; upper and lower case are the same")
    }
    for key in named where key.value.hasPrefix("auth.") {
      report.ask(claim: String(key.value.dropFirst("auth.".count)), at: key.place, path: path(of: "metadata_keys"))
    }
    if named.isEmpty { return nil }
    var keys = MetadataKeys(named.map(\.value))
    keys.maxCombinations = most == 0 ? MetadataKeys.mostCombinations : most
    keys.maxValueBytes = bytes
    return keys
  }
}

extension OptionType where Value == String {
  /// The name of something in requests' metadata.
  fileprivate static var metadataKey: OptionType {
    var type = OptionType.headerName
    type.parse = { (text) throws(OptionMismatch) in
      guard HeaderField.isName(text), text.utf8.count <= MetadataKeys.maxKeyBytes, text != "auth." else {
        throw OptionMismatch(
          "the name of a header field with at most \(MetadataKeys.maxKeyBytes) bytes (it has \(text.utf8.count)), "
            + "or auth. and a name")
      }
      return text
    }
    return type
  }
}
