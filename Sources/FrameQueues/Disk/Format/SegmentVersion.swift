/// How segments of one format version are read. What is written has the version of `SegmentFormat`; a version that is
/// written no more keeps its entry here, so that what an earlier gateway has left is delivered.
///
/// All versions have in common that a segment begins with a page that holds the file header twice, where frames follow,
/// and that a frame is a header and its payload.
@safe struct SegmentVersion: Sendable {
  let number: UInt32
  /// What a copy of the file header says; nil if it is damaged or of another version.
  let header: @Sendable (_ copy: UnsafeRawBufferPointer) -> SegmentHeader?
  let frameHeaderBytes: Int
  /// The first byte of a frame header.
  let firstFrameByte: UInt8
  /// The frame header at an offset; nil if there is none, or it is damaged.
  let frame: @Sendable (_ bytes: UnsafeRawBufferPointer, _ start: Int, _ salt: UInt32) -> FrameHeader?
  /// The footer of a segment whose file has so many bytes; nil if it has none.
  let footer: @Sendable (_ bytes: UnsafeRawBufferPointer, _ header: SegmentHeader, _ fileBytes: Int) -> SegmentFooter?

  /// The version that is written. Its reader takes the header of later ones too, so that they can be refused by number.
  static let written = unsafe SegmentVersion(
    number: SegmentFormat.version,
    header: { copy in unsafe SegmentHeader(copy: copy).flatMap { $0.version >= SegmentFormat.version ? $0 : nil } },
    frameHeaderBytes: SegmentFormat.frameHeaderBytes,
    firstFrameByte: UInt8(truncatingIfNeeded: SegmentFormat.frameMagic),
    frame: { unsafe FrameHeader($0, at: $1, salt: $2) },
    footer: { unsafe SegmentFooter($0, of: $1, fileBytes: $2) })

  /// All versions that are read.
  static let known = [written]
}

extension SegmentHeader {
  /// Reads either copy of the header of a segment; nil if both are damaged or of no version that is known.
  init?(page: UnsafeRawBufferPointer, of versions: [SegmentVersion] = SegmentVersion.known) {
    for start in [0, SegmentFormat.headerCopyOffset] where start + SegmentFormat.fileHeaderBytes <= page.count {
      let copy = unsafe UnsafeRawBufferPointer(rebasing: page[start..<(start + SegmentFormat.fileHeaderBytes)])
      guard let header = versions.lazy.compactMap({ unsafe $0.header(copy) }).first else { continue }
      self = header
      return
    }
    return nil
  }
}
