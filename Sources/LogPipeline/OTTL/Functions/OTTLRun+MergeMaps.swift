/// `merge_maps`.
extension OTTLRun {
  /// Puts the members of a map into another: new ones, present ones or both, as the strategy says.
  mutating func mergeMaps(_ call: OTTLArguments) throws(OTTLFault) -> OTTLValue {
    let source = try call.map(1, &self)
    let strategy = try call.int(2, &self)
    let (inserts, updates) = (strategy != 1, strategy != 0)
    var target = try call.members(0, &self)
    if target.isList { throw .wrongType }
    let present = target.value
    let keys = KeyPlaces(of: present, in: self)
    var added: [Attribute] = []
    for index in 0..<source.memberCount {
      let key = key(index, of: source)
      if let place = keys.place(of: bytes(key), in: present, self) {
        if updates { try target.set(place, to: member(index, of: source), &self) }
      } else if inserts {
        // What is in a value may come to lie behind the members, which then would move each time.
        let entry = try target.stored(key, member(index, of: source), &self)
        if target.isNested { added.append(entry) } else { try target.append(entry, &self) }
      }
    }
    for entry in added { try target.append(entry, &self) }
    target.settle(&self)
    return .none
  }
}
