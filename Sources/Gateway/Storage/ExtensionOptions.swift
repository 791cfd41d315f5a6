package import Options

/// The options of one extension type.
package protocol ExtensionOptions: ComponentOptions {
  /// The folder in which exporters may keep their queues; nil if the extension is no storage.
  var storage: FileStorageOptions? { get }
}

extension ExtensionOptions {
  package var storage: FileStorageOptions? { nil }
}
