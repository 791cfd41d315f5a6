package import Options

/// `processors.rate_limit`: how many records or bytes a second pass; not in the Collector.
package struct RateLimitOptions: ProcessorOptions {
  package static let doc = "Limits records and bytes a second; not in the Collector."

  /// A limit to either rate, or both; nil sets none.
  package var records: Rate?
  package var bytes: Rate?
  package var key = RateLimitProcessor.Key.none
  package var onLimit = RateLimitProcessor.OnLimit.refuse
  /// Keys that are told apart at once.
  package var maxKeys = 10_000

  package init() {}

  package init(_ options: ConfigReader) {
    let perSecond = options.optional(
      "records_per_second", .int(in: 1...Rate.maxPerSecond), "Records that pass in a second, for each key.")
    let bytesPerSecond = options.optional(
      "bytes_per_second", .byteSize(in: 1...Rate.maxPerSecond),
      "Bytes of bodies and attributes that pass in a second, for each key.")
    let burst = options.read(
      "burst", .duration(in: .milliseconds(1)...Rate.maxBurst), default: .seconds(1),
      "What the rates grant in this time may come at once.")
    records = perSecond.map { Rate(perSecond: $0, burst: burst) }
    bytes = bytesPerSecond.map { Rate(perSecond: $0, burst: burst) }
    key = options.section("key", "What has a limit of its own; nothing limits all together.") { Self.key($0) }
    onLimit = options.read(
      "on_limit", .choice(RateLimitProcessor.OnLimit.refuse), default: onLimit,
      "refuse asks the sender to send the request again later; drop drops the records beyond the rate.")
    maxKeys = options.read(
      "max_keys", .int(in: 1...100_000), default: maxKeys, "Keys at once; further ones share one limit.")
    if !options.has("records_per_second") && !options.has("bytes_per_second") {
      options.report.error(
        at: options.place, path: options.path, "records_per_second or bytes_per_second: one is required")
    }
  }

  private static func key(_ options: ConfigReader) -> RateLimitProcessor.Key {
    let attribute = options.optional("resource_attribute", .nonEmptyString, "By an attribute of the resource.")
    let field = options.optional("header", .nonEmptyString, "By a header field or an entry of gRPC metadata.")
    let claim = options.optional(
      "auth", .nonEmptyString, "By what authentication knows of the sender, such as username or tenant.")
    let given = ["resource_attribute", "header", "auth"].filter { options.has($0) }
    if given.count > 1 {
      options.error(at: given[1], "only one of resource_attribute, header and auth may be given")
    }
    if claim == "raw" { options.error(at: "auth", "credentials are not given out") }
    if let claim, claim != "raw" { options.ask(claim: claim, at: "auth") }
    return attribute.map { .resourceAttribute($0) } ?? field.map { .field($0) } ?? claim.map { .claim($0) } ?? .none
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    RateLimitProcessor(id: id, options: self)
  }

  package func problem(in signal: Signal) -> String? {
    if case .resourceAttribute = key { return "has key.resource_attribute, which is for logs only" }
    return nil
  }
}
