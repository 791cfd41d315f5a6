import Glibc

/// The memory that this process may use.
enum AvailableMemory {
  /// The limit of its control group if it has one, else what the machine has; in bytes.
  static var bytes: Int {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    let groups = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
    return groups.compactMap { number(in: $0) }.reduce(machine, min)
  }

  /// The number that a file starts with; nil without one.
  private static func number(in path: String) -> Int? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 32)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let digits = line.prefix { (0x30...0x39).contains($0) }.map { UInt8(bitPattern: $0) }
    return Int(String(decoding: digits, as: UTF8.self))
  }
}
