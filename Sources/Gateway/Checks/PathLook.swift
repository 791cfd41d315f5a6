import CSystemCalls
import Files
import Glibc
import Options

/// What stands at paths of this machine, and whether this process may use it; looks and changes nothing.
enum PathLook {
  private enum Kind: Equatable { case missing, folder, file, device, unreachable(CInt) }

  /// Throws unless a file can be written, or made. `missingFolder` is what to add if its folder is missing; nil if
  /// missing folders are made.
  static func checkFile(
    _ path: String, _ access: CInt, rotates: Bool, missingFolder: String?
  ) throws(PathProblem) {
    switch kind(of: path) {
    case .folder: throw PathProblem("\(shown(path)) is a folder")
    case .missing where path.hasSuffix("/"): throw PathProblem("\(shown(path)) is the name of a folder")
    case .missing, .unreachable(ENOTDIR): try checkFolder(parent(of: path), missing: missingFolder)
    case .unreachable(let number): throw unreachable(path, number)
    case .device: try check(path, W_OK)
    case .file:
      try checkKeepsFiles(path)
      try check(path, access)
      if rotates { try check(parent(of: path), W_OK | X_OK) }
    }
  }

  /// Throws unless files can be made in a folder. `missing` is what to add if it is missing; nil if it is made.
  static func checkFolder(_ path: String, missing: String?) throws(PathProblem) {
    switch kind(of: path) {
    case .folder:
      try checkKeepsFiles(path)
      try check(path, R_OK | W_OK | X_OK)
    case .file, .device: throw PathProblem("\(shown(path)) is not a folder")
    case .missing where isLink(path): throw PathProblem("\(shown(path)) is a link to nothing")
    case .missing:
      if let missing { throw PathProblem("the folder \(shown(path)) is missing\(missing)") }
      try checkFolder(parent(of: path), missing: nil)
    case .unreachable(ENOTDIR): try checkFolder(parent(of: path), missing: nil)
    case .unreachable(let number): throw unreachable(path, number)
    }
  }

  static func isDevice(_ path: String) -> Bool { kind(of: path) == .device }

  /// The path with every link followed, as far as it is there; two paths of one file have the same.
  static func identity(of path: String) -> String {
    var existing = path
    var rest: [Substring] = []
    while true {
      if let real = realpath(existing, nil) {
        defer { free(real) }
        return join(String(cString: real), rest)
      }
      let folder = parent(of: existing)
      if folder == existing { return path }
      rest.insert(existing.split(separator: "/").last ?? "", at: 0)
      existing = folder
    }
  }

  /// The folder with what follows it, `.` and `..` resolved.
  private static func join(_ folder: String, _ rest: [Substring]) -> String {
    var parts = folder.split(separator: "/")
    for part in rest where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The folder that a path stands in, `.` for a name alone.
  static func parent(of path: String) -> String {
    let trimmed = path.withoutTrailingSlashes
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    let folder = String(trimmed[..<slash]).withoutTrailingSlashes
    return folder.isEmpty ? "/" : folder
  }

  private static func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return errno == ENOENT ? .missing : .unreachable(errno) }
    return switch status.st_mode & S_IFMT {
    case S_IFDIR: .folder
    case S_IFREG: .file
    default: .device
    }
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path.withoutTrailingSlashes, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func check(_ path: String, _ mode: CInt) throws(PathProblem) {
    guard access(path, mode) != 0 else { return }
    throw PathProblem("cannot write to \(shown(path)): \(systemReason(errno))")
  }

  /// File systems of the kernel, in which nobody can make a file to write to, with their numbers (statfs(2)).
  private static let kernelFileSystems: [Int: String] = [
    0x9FA0: "proc", 0x6265_6572: "sysfs", 0x27_E0EB: "cgroup", 0x6367_7270: "cgroup2", 0x6462_6720: "debugfs",
    0x7472_6163: "tracefs", 0x7363_6673: "securityfs", 0x1CD1: "devpts", 0xCAFE_4A11: "bpf", 0x1980_0202: "mqueue",
    0x6265_6570: "configfs",
  ]

  private static func checkKeepsFiles(_ path: String) throws(PathProblem) {
    guard let name = kernelFileSystems[Int(file_system_kind(path))] else { return }
    throw PathProblem("\(shown(path)) is of \(name), a file system of the kernel that keeps no files of others")
  }

  private static func unreachable(_ path: String, _ number: CInt) -> PathProblem {
    PathProblem("cannot reach \(shown(path)): \(systemReason(number))")
  }

  static func shown(_ path: String) -> String { "\"\(path.forDisplay(maxCharacters: 256))\"" }
}

extension String {
  fileprivate var withoutTrailingSlashes: String {
    let text = utf8.reversed().drop { $0 == UInt8(ascii: "/") }
    return text.isEmpty ? (isEmpty ? "" : "/") : String(decoding: text.reversed(), as: UTF8.self)
  }
}
