/// What a resource says of the program that made its records, for the ECS fields that are made of several attributes.
struct ECSAgent {
  private var sdkName = ByteSlice.empty
  private var sdkLanguage = ByteSlice.empty
  private var sdkVersion = ByteSlice.empty
  private var distroName = ByteSlice.empty
  private var distroVersion = ByteSlice.empty
  private var osType = ByteSlice.empty
  private var osName = ByteSlice.empty
  /// The resource has `host.hostname`, so that `host.name` is not copied there.
  private(set) var hasHostname = false

  /// Reads the attributes of a resource; of a key that repeats the last counts, and only strings do.
  init(_ attributes: EntryRange, of batch: borrowing LogBatch) {
    let store = batch.store.span.bytes
    for index in attributes.indices {
      let attribute = batch.attributes[index]
      let key = store.extracting(attribute.key.range)
      if key.isEqual(to: "host.hostname") { hasHostname = true }
      guard attribute.value.kind == .string else { continue }
      read(key, attribute.value.slice)
    }
  }

  private mutating func read(_ key: RawSpan, _ text: ByteSlice) {
    if key.isEqual(to: "telemetry.sdk.name") { sdkName = text }
    if key.isEqual(to: "telemetry.sdk.language") { sdkLanguage = text }
    if key.isEqual(to: "telemetry.sdk.version") { sdkVersion = text }
    if key.isEqual(to: "telemetry.distro.name") { distroName = text }
    if key.isEqual(to: "telemetry.distro.version") { distroVersion = text }
    if key.isEqual(to: "os.type") { osType = text }
    if key.isEqual(to: "os.name") { osName = text }
  }

  /// Writes `agent.name`: `<sdk>[/<language>[/<distro>]]`, where the SDK is `otlp` if it is not named and the
  /// language `unknown` if only the distro is.
  func writeName(_ store: RawSpan, to bytes: inout ByteWriter) {
    func append(_ text: ByteSlice) {
      store.extracting(text.range).withUnsafeBytes { bytes.appendJSONEscaped($0) }
    }
    bytes.append("\"")
    if sdkName.isEmpty { bytes.append("otlp") } else { append(sdkName) }
    if !(sdkLanguage.isEmpty && distroName.isEmpty) {
      bytes.append("/")
      if sdkLanguage.isEmpty { bytes.append("unknown") } else { append(sdkLanguage) }
    }
    if !distroName.isEmpty {
      bytes.append("/")
      append(distroName)
    }
    bytes.append("\"")
  }

  /// `agent.version`: that of the distro, else that of the SDK; empty if neither is known.
  var version: ByteSlice { distroVersion.isEmpty ? sdkVersion : distroVersion }

  /// `host.os.type`: one of the types that ECS allows, if the resource tells.
  func hostOSType(_ store: RawSpan) -> StaticString? {
    let name = store.extracting(osName.range)
    if name.isEqual(to: "Android") { return "\"android\"" }
    if name.isEqual(to: "iOS") { return "\"ios\"" }
    let type = store.extracting(osType.range)
    if type.isEqual(to: "linux") { return "\"linux\"" }
    if type.isEqual(to: "windows") { return "\"windows\"" }
    if type.isEqual(to: "darwin") { return "\"macos\"" }
    if type.isEqual(to: "aix") || type.isEqual(to: "hpux") || type.isEqual(to: "solaris") { return "\"unix\"" }
    return nil
  }
}
