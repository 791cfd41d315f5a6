/// `merge_maps`.
extension OTTLRun {
  /// Puts the members of a map into another: new ones, present ones or both, as the strategy says.
  mutating func mergeMaps(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let source = try call.map(1, &self)
    let (inserts, updates) = (try call.int(2, &self) != 1, try call.int(2, &self) != 0)
    var target = try call.members(0, &self)
    if target.isList { throw .wrongType }
    let keys = KeyPlaces(of: target.value, in: self)
    let present = target.value
    for index in 0..<source.memberCount {
      let key = key(index, of: source)
      if let place = keys.place(of: bytes(key), in: present, self) {
        if updates { try target.set(place, to: member(index, of: source), &self) }
      } else if inserts {
        try target.append(key, member(index, of: source), &self)
      }
    }
    return .none
  }
}
