/// Something that a function made of its constant arguments.
final class OTTLPreparedValue<Prepared: Sendable>: OTTLPrepared, @unchecked Sendable {
  let prepared: Prepared

  init(_ prepared: Prepared) { self.prepared = prepared }
}

extension OTTLArguments {
  /// What the function's `prepare` made; a fault if it made nothing.
  func made<T: Sendable>(_: T.Type, _ run: borrowing OTTLRun) throws(OTTLFault) -> T {
    guard let value = prepared(OTTLPreparedValue<T>.self, run) else { throw .unavailable }
    return value.prepared
  }

  /// What the function's `prepare` made; nil if an argument was not constant.
  func madeIfConstant<T: Sendable>(_: T.Type, _ run: borrowing OTTLRun) -> T? {
    prepared(OTTLPreparedValue<T>.self, run)?.prepared
  }
}

extension OTTLFunction {
  /// Has `make` throw what is wrong with a parameter's text, as a problem with that parameter.
  static func made<T: Sendable>(
    of parameter: Int, _ make: () throws(TextFormatError) -> T
  ) throws(OTTLProblem) -> OTTLPrepared {
    do throws(TextFormatError) {
      return OTTLPreparedValue(try make())
    } catch {
      throw OTTLProblem(error.message, of: parameter)
    }
  }
}

extension OTTLRun {
  /// A text that `write` writes to `out`; how much it may write is to be asked for before (`makeRoom`).
  @inline(__always)
  mutating func newText(
    _ write: (inout ByteWriter) -> Void
  ) throws(OTTLFault) -> OTTLValue {
    write(&out)
    return .string(try finishText())
  }
}
