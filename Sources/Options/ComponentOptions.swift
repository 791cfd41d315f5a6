/// The options of one component type, such as the processor `severity`: the room that a registry names.
package protocol ComponentOptions: Sendable {
  /// One sentence that says what the component does, for `sluice components` and the reference.
  static var doc: String { get }
  /// Reads the options of its section; the reader's `finish` is called by the one who calls this.
  init(_ options: ConfigReader)
}
