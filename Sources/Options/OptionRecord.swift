/// One option as it was read: enough to print the effective configuration and the reference file.
package struct OptionRecord: Sendable {
  /// The option's key.
  package var key: String
  /// The word for its type; empty for a section.
  package var type: String
  /// One sentence that says what the option does.
  package var doc: String
  /// True if the configuration must give it.
  package var isRequired = false
  /// True if the configuration did give it.
  package var isGiven: Bool
  /// What it is, given or by default.
  package var value: OptionValue
  /// What a section or an item of a list of sections would hold, if there is none.
  package var template: [OptionRecord]

  /// A record of an option that was read.
  package init(
    key: String, type: String, doc: String, isRequired: Bool = false, isGiven: Bool, value: OptionValue,
    template: [OptionRecord] = []
  ) {
    self.key = key
    self.type = type
    self.doc = doc
    self.isRequired = isRequired
    self.isGiven = isGiven
    self.value = value
    self.template = template
  }
}

/// The effective value of an option, ready to be written; secrets are redacted already.
package indirect enum OptionValue: Sendable {
  /// Not given and without default.
  case absent
  case scalar(ConfigScalarText)
  case list([OptionValue])
  case section([OptionRecord])
}
