import Files
import Glibc

/// The machine that the process runs on, as the system, files and the environment say.
struct Machine: Sendable {
  /// The value of an environment variable; nil if it is not set.
  var environment: @Sendable (String) -> String?
  /// What a file holds; nil if it cannot be read.
  var file: @Sendable (String) -> String?
  var hostName: String
  /// As OpenTelemetry names it, such as `amd64`.
  var architecture: String
  /// Name, host, release, version and machine of the kernel.
  var kernel: String

  /// What files are read up to.
  private static let maxFileBytes = 1 << 20

  /// This machine.
  init() {
    environment = { name in getenv(name).flatMap { String(validatingCString: $0) } }
    file = { path in
      (try? readFile(path, maxBytes: Self.maxFileBytes)).map { String(decoding: $0, as: UTF8.self) }
    }
    var names = utsname()
    uname(&names)
    hostName = Self.text(of: &names.nodename)
    let machine = Self.text(of: &names.machine)
    architecture = Self.architectures[machine] ?? machine
    let (system, release) = (Self.text(of: &names.sysname), Self.text(of: &names.release))
    kernel = "\(system) \(hostName) \(release) \(Self.text(of: &names.version)) \(machine)"
  }

  /// The first line of a file, without white space; nil if it is empty or cannot be read.
  func firstLine(of path: String) -> String? {
    let line = file(path)?.split(separator: "\n").first.map { String($0.filter { !$0.isWhitespace }) }
    return line?.isEmpty == true ? nil : line
  }

  private static let architectures = [
    "x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm32", "i686": "x86", "ppc64le": "ppc64", "s390x": "s390x",
  ]

  /// The text of an array of characters that ends with a zero.
  private static func text<T>(of characters: inout T) -> String {
    withUnsafeBytes(of: &characters) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
