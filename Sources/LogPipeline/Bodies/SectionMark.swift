/// What stands before some records of a frame whose way depends on their tenant: the header fields that they are sent
/// under, and how far that holds.
///
/// A byte 0, which begins neither a line of JSON nor a body of OTLP; a byte 1, the form of the mark; then the number of
/// bytes of the fields (2 bytes), of bytes of the records and of records (4 bytes each), all little-endian; the fields,
/// and then the records. The queue knows nothing of it.
package enum SectionMark {
  /// The byte that a mark begins with, and no record does.
  package static let start: UInt8 = 0
  /// The form that is written and read.
  package static let form: UInt8 = 1
  /// Bytes before the fields.
  package static let headBytes = 12
  /// The most bytes that the fields of a mark may take.
  package static let maxFieldsBytes = 4096

  /// The head of a mark.
  package struct Head: Equatable {
    /// Bytes of the fields.
    package var fieldsBytes: Int
    /// Bytes of the records.
    package var contentBytes: Int
    package var records: Int

    package init(fieldsBytes: Int, contentBytes: Int = 0, records: Int = 0) {
      self.fieldsBytes = fieldsBytes
      self.contentBytes = contentBytes
      self.records = records
    }

    /// Reads the head at an offset; nil if it is none, or what it announces is more than there is.
    package init?(at offset: Int, of bytes: UnsafeRawBufferPointer) {
      guard offset >= 0, bytes.count &- offset >= SectionMark.headBytes, bytes[offset] == SectionMark.start,
        bytes[offset &+ 1] == SectionMark.form
      else { return nil }
      func word(at place: Int) -> Int {
        Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ place, as: UInt32.self)))
      }
      let fields = bytes.loadUnaligned(fromByteOffset: offset &+ 2, as: UInt16.self)
      fieldsBytes = Int(UInt16(littleEndian: fields))
      contentBytes = word(at: 4)
      records = word(at: 8)
      let rest = bytes.count &- offset &- SectionMark.headBytes
      guard fieldsBytes <= SectionMark.maxFieldsBytes, fieldsBytes &+ contentBytes <= rest else { return nil }
    }

    /// Writes the head to memory of `SectionMark.headBytes` bytes.
    package func write(to memory: UnsafeMutableRawPointer) {
      memory.storeBytes(of: SectionMark.start, as: UInt8.self)
      memory.storeBytes(of: SectionMark.form, toByteOffset: 1, as: UInt8.self)
      memory.storeBytes(of: UInt16(clamping: fieldsBytes).littleEndian, toByteOffset: 2, as: UInt16.self)
      memory.storeBytes(of: UInt32(clamping: contentBytes).littleEndian, toByteOffset: 4, as: UInt32.self)
      memory.storeBytes(of: UInt32(clamping: records).littleEndian, toByteOffset: 8, as: UInt32.self)
    }
  }
}
