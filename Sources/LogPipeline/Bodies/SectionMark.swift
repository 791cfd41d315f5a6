/// What stands before some records of a frame whose way depends on their tenant or on their request's metadata: the
/// header fields that they are sent under, what is known of that metadata, and how far both hold.
///
/// A byte 0, which begins neither a line of JSON nor a body of OTLP; a byte for the form of the mark; then the number
/// of bytes of the fields (2 bytes), of bytes of the records and of records (4 bytes each), all little-endian; the
/// fields, and then the records. In the form 2, some lines of the fields begin with a colon: these are metadata, and
/// no fields. The queue knows nothing of it.
package enum SectionMark {
  /// The byte that a mark begins with, and no record does.
  package static let start: UInt8 = 0
  /// The form of a mark that has header fields only.
  package static let form: UInt8 = 1
  /// The form of a mark that has metadata too; later ones are not read.
  package static let metadataForm: UInt8 = 2
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
    /// Whether lines of the fields are metadata.
    package var hasMetadata = false

    package init(fieldsBytes: Int, contentBytes: Int = 0, records: Int = 0) {
      self.fieldsBytes = fieldsBytes
      self.contentBytes = contentBytes
      self.records = records
    }

    /// Reads the head at an offset; nil if it is none, or what it announces is more than there is.
    package init?(at offset: Int, of bytes: UnsafeRawBufferPointer) {
      guard offset >= 0, bytes.count &- offset >= SectionMark.headBytes, bytes[offset] == SectionMark.start,
        (SectionMark.form...SectionMark.metadataForm).contains(bytes[offset &+ 1])
      else { return nil }
      hasMetadata = bytes[offset &+ 1] == SectionMark.metadataForm
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
      let form = hasMetadata ? SectionMark.metadataForm : SectionMark.form
      memory.storeBytes(of: form, toByteOffset: 1, as: UInt8.self)
      memory.storeBytes(of: UInt16(clamping: fieldsBytes).littleEndian, toByteOffset: 2, as: UInt16.self)
      memory.storeBytes(of: UInt32(clamping: contentBytes).littleEndian, toByteOffset: 4, as: UInt32.self)
      memory.storeBytes(of: UInt32(clamping: records).littleEndian, toByteOffset: 8, as: UInt32.self)
    }
  }
  /// The form of a mark at an offset that a later version has written; nil if there is none.
  package static func laterForm(at offset: Int, of bytes: UnsafeRawBufferPointer) -> UInt8? {
    guard offset >= 0, bytes.count &- offset >= headBytes, bytes[offset] == start else { return nil }
    let form = bytes[offset &+ 1]
    return form > metadataForm ? form : nil
  }
}
