import CSystemCalls
import Glibc

/// What the operating system says of this process.
struct ProcessMetrics {
  /// User and system time, in seconds.
  var cpuSeconds: Double
  /// Memory in use, in bytes.
  var residentBytes: Int
  /// Memory that parts of the gateway have, and what was taken from the system for it, in bytes.
  var heapBytes: Int
  var systemBytes: Int

  static func read() -> ProcessMetrics {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    let system = Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
    var (used, taken): (UInt, UInt) = (0, 0)
    heap_bytes(&used, &taken)
    return ProcessMetrics(
      cpuSeconds: user + system, residentBytes: residentPages() * Int(sysconf(Int32(_SC_PAGESIZE))),
      heapBytes: Int(clamping: used), systemBytes: Int(clamping: taken))
  }

  /// The second number of /proc/self/statm (proc(5)).
  private static func residentPages() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, 128, file) != nil else { return 0 }
    let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " ")
    return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
  }
}
