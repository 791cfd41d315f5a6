import Glibc

/// What has to be right with the process before any command runs.
enum Process {
  /// A crash ends the process at once, unless `SWIFT_BACKTRACE` asks for more: the handlers that the Swift runtime
  /// installs start another process, which looks at every thread and holds the dying one for many seconds. A pod that
  /// has run out of memory is to be replaced, not looked at.
  static func dieAtOnce() {
    guard getenv("SWIFT_BACKTRACE") == nil else { return }
    for number in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(number, SIG_DFL) }
  }

  /// Why the command line cannot be what the process was started with; nil if it can. Without arguments the embedded
  /// configuration would run, which is not what somebody asked for whose arguments were lost on the way.
  static func fault(inArguments arguments: [String], systems: [[UInt8]]?) -> String? {
    guard let program = arguments.first, !program.isEmpty else {
      return "the process was started without arguments, or cannot read them: is /proc mounted?"
    }
    guard let systems, systems.count != arguments.count else { return nil }
    return "the process was started with \(systems.count) arguments and can read \(arguments.count) of them"
  }

  /// The arguments as the system has them; nil if it does not say.
  static func systemsArguments(_ path: String = "/proc/self/cmdline") -> [[UInt8]]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count < maxArgumentBytes {
      let count = read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else {
        // Each argument ends with a zero.
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
      }
      bytes += buffer[..<count]
    }
    return nil
  }

  private static let maxArgumentBytes = 8 << 20
}
