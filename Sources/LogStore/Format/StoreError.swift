package import FrameQueues

/// Why a store cannot be opened, written or searched.
package enum StoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The system said no.
  case file(FileError)
  /// Another process writes to the store.
  case locked(directory: String, processID: String)
  /// A file was written by a later version.
  case newer(path: String, version: Int, known: Int)
  /// A request that is not what the dialect of the store writes.
  case malformed(byte: Int)
  case recordTooLarge(bytes: Int, limit: Int)
  /// The store was closed.
  case closed

  package var description: String {
    switch self {
    case .file(let error): error.description
    case .locked(let directory, let id): "cannot open store \(directory): process \(id) has it open"
    case .newer(let path, let version, let known):
      "cannot open store file \(path): it has format version \(version), this program knows up to \(known)"
    case .malformed(let byte): "byte \(byte) of a request makes no sense"
    case .recordTooLarge(let bytes, let limit): "a record has \(bytes) bytes: the limit is \(limit)"
    case .closed: "the store was closed"
    }
  }
}

/// A part of a file that is not what was written there.
struct Damage: Error {}
