/// Records with a resource and a scope of their own, so that an edit of these is an edit for one record.
extension LogBatch {
  /// Gives every record such a resource and scope, which have their attributes in common until these are edited.
  mutating func separateRecords() -> OTTLLending {
    var lending = OTTLLending()
    var (ownResources, ownScopes): ([Resource], [Scope]) = ([], [])
    ownResources.reserveCapacity(records.count)
    ownScopes.reserveCapacity(records.count)
    for index in records.indices {
      let place = records[index].scope
      var scope = scopes[Int(place)]
      lending.add(scope: place, resource: scope.resource)
      ownResources.append(resources[Int(scope.resource)])
      scope.resource = UInt32(truncatingIfNeeded: index)
      ownScopes.append(scope)
      records[index].scope = UInt32(truncatingIfNeeded: index)
    }
    (resources, scopes) = (ownResources, ownScopes)
    return lending
  }

  /// Puts records of equal resources, and of equal scopes in these, together again, in the order in which these come
  /// first. Equal are those with the same attributes in the same order.
  mutating func joinRecords(_ lending: OTTLLending) {
    var groups = RecordGroups(lending)
    let places = records.map { groups.place(of: $0, in: self) }
    var order = Array(records.indices)
    if zip(places, places.dropFirst()).contains(where: { $1 < $0 }) {
      order.sort { (places[$0], $0) < (places[$1], $1) }
    }
    var (joinedResources, joinedScopes, joined): ([Resource], [Scope], [LogRecord]) = ([], [], [])
    joined.reserveCapacity(records.count)
    var last: RecordGroups.Place?
    var isTaken = Set<Int32>()
    for index in order {
      var record = records[index]
      let (own, place) = (Int(record.scope), places[index])
      if place.resource != last?.resource { joinedResources.append(resources[Int(scopes[own].resource)]) }
      if place != last {
        var scope = scopes[own]
        scope.resource = UInt32(truncatingIfNeeded: joinedResources.count &- 1)
        // One that was not edited may now be of several resources, each of which needs its own.
        if lending.scopes[own] != OTTLLending.edited, !isTaken.insert(lending.scopes[own]).inserted {
          scope.attributes = copied(scope.attributes)
        }
        joinedScopes.append(scope)
      }
      last = place
      record.scope = UInt32(truncatingIfNeeded: joinedScopes.count &- 1)
      joined.append(record)
    }
    (resources, scopes, records) = (joinedResources, joinedScopes, joined)
  }

  private mutating func copied(_ range: EntryRange) -> EntryRange {
    let start = attributes.count
    for index in range.indices {
      attributes.append(Attribute(key: attributes[index].key, value: copied(attributes[index].value)))
    }
    return EntryRange(start..<attributes.count)
  }
}
