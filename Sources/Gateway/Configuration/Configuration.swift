package import LogPipeline
package import Options

/// A complete, checked configuration: what one pipeline file says.
package struct Configuration: Sendable {
  /// A component that the configuration defines.
  package struct Component<Options: Sendable>: Sendable {
    /// Its identity within its section.
    package var id: ComponentID
    /// Where its key stands.
    package var place: ConfigPlace
    /// Its options as its type reads them.
    package var options: Options
    /// What its section says.
    package var content: ComponentContent
  }

  /// Every component that is defined.
  package var components: DefinedComponents
  /// Which of them run, and how they are connected.
  package var service: ServiceOptions
  /// What was read, in the order of the sections, for `print-config`.
  package var records: [OptionRecord]
  /// What is doubtful but no reason not to start, sorted by place.
  package var warnings: [ConfigProblem]
  /// The names of the sources it was read from.
  package var sources: [String] = []
  /// The files it was read from, and those that it names.
  var files = NamedFiles()

  /// The receivers, in the order of the file.
  package var receivers: [Component<any ReceiverOptions>] { components.receivers }
  /// The processors, in the order of the file.
  package var processors: [Component<any ProcessorOptions>] { components.processors }
  /// The exporters, in the order of the file.
  package var exporters: [Component<any ExporterOptions>] { components.exporters }
  /// The connectors, in the order of the file.
  package var connectors: [Component<any ConnectorOptions>] { components.connectors }
  /// The extensions, in the order of the file.
  package var extensions: [Component<any ExtensionOptions>] { components.extensions }

  /// The effective configuration as YAML, with every default and without secrets.
  package func effectiveYAML() -> String { YAMLWriter.write(records) }
}
