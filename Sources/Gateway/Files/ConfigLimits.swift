/// What configuration text may cost before it is refused; no limit can be raised from within a file.
package struct ConfigLimits: Sendable {
  /// The size of one configuration file.
  package var maxFileBytes = 4 * 1024 * 1024
  /// How deep maps and lists may nest, counted after aliases are expanded.
  package var maxDepth = 100
  /// How many scalars, keys, lists and maps one file may hold after aliases are expanded.
  package var maxNodes = 100_000
  /// How many components one section such as `receivers`, and how many pipelines `service`, may define.
  package var maxSections = 1000
  /// The size of one file read by `${file:/path}`.
  package var maxSubstitutedFileBytes = 1024 * 1024
  /// The size of all texts that substitutions put in, together.
  package var maxSubstitutedBytes = 16 * 1024 * 1024
  /// How deep `${…}` may nest within another `${…}`.
  package var maxSubstitutionDepth = 8

  /// The default limits.
  package init() {}
}
