package import Options

/// `processors.resource`: actions on the attributes of resources.
package struct ResourceOptions: ProcessorOptions {
  package static let doc = "Edits attributes of resources."

  private let actions: [AttributeAction]
  private let hashFunction: HashFunction

  package init(_ options: ConfigReader) {
    actions = options.actions("attributes", "What is done, in this order.")
    hashFunction = options.hashFunction()
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    AttributesProcessor(id: id, owners: .resources, actions: actions, hashFunction: hashFunction)
  }

  package func problem(in signal: Signal) -> String? { nil }
}
