package import Options

/// `extensions.opamp`: accepted, so that a Collector's configuration runs.
package struct OpAMPOptions: ExtensionOptions {
  package static let doc = "Accepted without effect: the gateway is managed by no OpAMP server."

  package init(_ options: ConfigReader) { options.ignoreAll(because: "the gateway is managed by no OpAMP server") }
}

/// `extensions.memory_ballast`: accepted, so that an old Collector's configuration runs.
package struct MemoryBallastOptions: ExtensionOptions {
  package static let doc = "Accepted without effect: there is no garbage collector to keep quiet."

  package init(_ options: ConfigReader) {
    options.ignoreAll(because: "there is no garbage collector to keep quiet; memory_limiter bounds memory")
  }
}
