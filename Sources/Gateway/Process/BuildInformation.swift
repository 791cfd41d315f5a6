import CSystemCalls
import CYAML
import HTTPTransport
import OTLPReceiver

/// What this program was built of.
package enum BuildInformation {
  /// The version of the gateway; `CHANGELOG.md` says what is in it.
  package static let version = "0.1.0"

  /// The commit that `make build` built; `unknown` for a build that was not told.
  package static var commit: String { String(cString: build_commit()) }

  /// The C libraries that are loaded, with their versions.
  package static var libraries: [(name: String, version: String)] {
    let yaml = yaml_get_version_string().map { String(cString: $0) } ?? "unknown"
    return ([HTTPLibraries.nghttp2] + OTLPLibraries.all + [("libyaml", yaml)]).sorted { $0.0 < $1.0 }
  }

  /// What `sluice --version` prints.
  package static var text: String {
    "sluice \(version) (commit \(commit))\n" + libraries.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
  }
}
