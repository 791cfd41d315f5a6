import Glibc
import LogExport

/// Checks that the file of `exporters.file` can be written, without opening or making anything.
struct FileTarget {
  private let options: ConfigReader
  private let path: String
  private let createsDirectory: Bool

  init(_ options: ConfigReader, _ sender: FileSenderOptions) {
    self.options = options
    path = sender.path
    createsDirectory = sender.createsDirectory
  }

  func check() {
    guard !path.isEmpty else { return }
    if path.utf8.contains(0) { return options.error(at: "path", "holds a NUL character") }
    switch kind(of: path) {
    case .folder: options.error(at: "path", "\"\(shown(path))\" is a folder")
    case .other: checkAccess(path, W_OK)
    case .missing: checkFolder()
    }
  }

  private func checkFolder() {
    let end = path.lastIndex(of: "/")
    let folder = end.map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    switch kind(of: folder) {
    case .folder: checkAccess(folder, W_OK | X_OK)
    case .other: options.error(at: "path", "\"\(shown(folder))\" is not a folder")
    case .missing where createsDirectory: break
    case .missing:
      options.error(at: "path", "the folder \"\(shown(folder))\" is missing (create_directory: true makes it)")
    }
  }

  private enum Kind { case missing, folder, other }

  private func kind(of path: String) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { return .missing }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
  }

  private func checkAccess(_ path: String, _ mode: CInt) {
    guard access(path, mode) != 0 else { return }
    options.error(at: "path", "cannot write to \"\(shown(path))\": \(systemReason(errno))")
  }

  private func shown(_ path: String) -> String { path.forDisplay(maxCharacters: 256) }
}
