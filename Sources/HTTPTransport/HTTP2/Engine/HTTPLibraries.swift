import CNGHTTP2

/// The C library that this layer stands on.
package enum HTTPLibraries {
  package static var nghttp2: (name: String, version: String) {
    let version = unsafe nghttp2_version(0).map { unsafe String(cString: $0.pointee.version_str) }
    return ("libnghttp2", version ?? "unknown")
  }
}
