package import FrameQueues

/// What a store holds at a moment, to be searched; what is written later is not in it.
package struct StoreView: Sendable {
  let folder: StoreFolder
  var segments: [Segment]
  var head: Head?
  /// Files of the folder that are named like segments and have no header.
  var unreadable = 0
  /// The records that are seen; nil for all.
  var scope: RecordScope?

  /// Reads what a folder holds, whoever writes to it; takes over what `known` has of closed segments.
  package static func read(
    _ directory: String, files: any FileSystem = SystemFileSystem(), known: StoreView? = nil
  ) throws(StoreError) -> StoreView {
    let folder = StoreFolder(path: directory, files: files)
    let heads = try folder.numbers(Head.suffix)
    let numbers = try folder.numbers(Segment.suffix)
    var view = StoreView(folder: folder, segments: [], head: nil)
    // The head first: a block that is made of it meanwhile is found then, and takes its place.
    if let last = heads.last, let file = try folder.openIfThere(StoreFormat.headName(last)),
      let header = try file.header(.head)
    {
      view.head = try Head(reading: file, header)
    }
    let zstd = Zstd()
    for number in numbers {
      let old = known?.segments.first { $0.header.number == number }
      if let old, old.isClosed {
        view.segments.append(old)
        continue
      }
      guard let file = try folder.openIfThere(StoreFormat.segmentName(number)) else { continue }
      guard let header = try file.header(.segment), header.number == number else {
        // One that has no more than its beginning was not begun.
        let size = try reading { () throws(FileError) in try file.size() }
        view.unreadable += size > StoreFormat.fileHeaderBytes ? 1 : 0
        continue
      }
      let same = old.flatMap { $0.header == header ? $0 : nil }
      view.segments.append(try Segment(reading: file, header, known: same, zstd: zstd))
    }
    view.dropReplaced()
    return view
  }

  /// Throws if a folder holds a store that this version cannot open; one that is missing can be made. Looks only.
  package static func check(_ directory: String) throws(StoreError) {
    do throws(StoreError) {
      _ = try read(directory)
    } catch {
      guard case .file(let failure) = error, failure.isAbsence else { throw error }
    }
  }

  /// Leaves out what later files have in its place.
  private mutating func dropReplaced() {
    for index in segments.indices.dropLast() {
      let next = segments[index + 1].header.firstOrdinal
      segments[index].blocks.removeAll { $0.firstOrdinal >= next }
    }
    if let head, let last = segments.last, head.header.firstOrdinal < last.endOrdinal { self.head = nil }
  }

  /// The number that the next record gets.
  package var endOrdinal: UInt64 { head?.endOrdinal ?? segments.last?.endOrdinal ?? 0 }
  package var records: Int { segments.reduce(head?.records ?? 0) { $0 + $1.records } }
  /// Bytes of all files.
  package var byteCount: Int { segments.reduce(head?.fileBytes ?? 0) { $0 + $1.bytes } }
  /// Runs of bytes that are not what was written.
  package var damaged: Int { segments.reduce(unreadable) { $0 + $1.damaged } }
}
