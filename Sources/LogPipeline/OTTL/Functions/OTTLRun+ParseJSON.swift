/// `ParseJSON`.
extension OTTLRun {
  /// The map or list that a text is in JSON.
  mutating func parseJSON(_ text: OTTLText) throws(OTTLFault) -> OTTLValue { throw .unavailable }
}
