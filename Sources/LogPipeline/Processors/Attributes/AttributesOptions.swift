package import Options

/// `processors.attributes`: actions on the attributes of records.
package struct AttributesOptions: ProcessorOptions {
  package static let doc = "Edits attributes of records."

  private let actions: [AttributeAction]
  private let hashFunction: HashFunction
  private let selection: RecordSelection

  package init(_ options: ConfigReader) {
    actions = options.actions("actions", "What is done, in this order.")
    hashFunction = options.hashFunction()
    selection = options.selection(.attributesProcessor)
    for key in ["include", "exclude"] {
      let matcher = key == "include" ? selection.include : selection.exclude
      if options.entry(key)?.value.isMapOrNothing == true && matcher == nil {
        options.error(at: key, "at least one of attributes, resources, libraries or log_… must be given")
      }
    }
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    AttributesProcessor(
      id: id, owners: .records, actions: actions, hashFunction: hashFunction, selection: selection)
  }
}

extension ConfigReader {
  /// How the action `hash` hashes.
  func hashFunction() -> HashFunction {
    let function = read(
      "hash_function", .choice(HashFunction.sha256), default: .sha256,
      "How hash hashes: sha256 as today's Collector, sha1 as older ones; not in the Collector.")
    checkHash(isAvailable: function.isAvailable, function.rawValue)
    return function
  }

  /// Says that a hash function cannot be had.
  func checkHash(isAvailable: Bool, _ name: String) {
    if !isAvailable {
      error(at: "hash_function", "\(name) is ruled out by the configuration of this system's libcrypto")
    }
  }
}
