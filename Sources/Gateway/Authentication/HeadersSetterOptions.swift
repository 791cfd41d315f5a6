package import Access
package import Options

/// `extensions.headers_setter`: header fields of requests to destinations.
package struct HeadersSetterOptions: ExtensionOptions {
  package static let doc = "Sets header fields of requests to destinations."

  package let credentials: (any CredentialOptions)?

  package init(_ options: ConfigReader) { credentials = HeadersSetterClientOptions(options) }
}
