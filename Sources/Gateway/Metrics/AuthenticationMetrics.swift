import Access

extension GatewayMetrics {
  /// What authenticators have said of requests to receivers.
  mutating func authentications(of receivers: [Receiver]) {
    families.begin(
      "sluice_receiver_authentications", .counter, "What authenticators have said of requests, by outcome.")
    for receiver in receivers {
      for tally in receiver.counters.authentications { sample(tally, [Label("receiver", receiver.id)]) }
    }
  }

  /// The same of who asks the admin port.
  mutating func authentications(of admin: AdminPolicy) {
    families.begin(
      "sluice_admin_authentications", .counter, "What authenticators have said of who asks the admin port, by outcome.")
    for tally in admin.tallies { sample(tally, []) }
  }

  private mutating func sample(_ tally: AuthenticationTally, _ labels: [MetricLabel]) {
    let labels = labels + [Label("authenticator", tally.authenticator)]
    for outcome in AuthenticationOutcome.allCases {
      families.sample(labels + [Label("outcome", outcome.label)], tally.count(of: outcome))
    }
  }
}
