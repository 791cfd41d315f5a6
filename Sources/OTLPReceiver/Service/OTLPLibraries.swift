import CDeflate
import COTLP
import CZstd

/// The C libraries that this layer stands on.
package enum OTLPLibraries {
  package static var all: [(name: String, version: String)] {
    let protobuf = protobuf_c_version().map { String(cString: $0) }
    let zstd = ZSTD_versionString().map { String(cString: $0) }
    return [
      ("libdeflate", LIBDEFLATE_VERSION_STRING), ("libprotobuf-c", protobuf ?? "unknown"),
      ("libzstd", zstd ?? "unknown"),
    ]
  }
}
