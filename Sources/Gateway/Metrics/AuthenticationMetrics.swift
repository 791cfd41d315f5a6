import Access

extension GatewayMetrics {
  /// What authenticators have said of requests to receivers.
  mutating func authentications(of receivers: [Receiver]) {
    text.family(
      "sluice_receiver_authentications", .counter, "What authenticators have said of requests, by outcome.")
    for receiver in receivers {
      for tally in receiver.counters.authentications { sample(tally, [Label("receiver", receiver.id)]) }
    }
  }

  /// The same of who asks the admin port.
  mutating func authentications(of admin: AdminPolicy) {
    text.family(
      "sluice_admin_authentications", .counter, "What authenticators have said of who asks the admin port, by outcome.")
    for tally in admin.tallies { sample(tally, []) }
  }

  private mutating func sample(_ tally: AuthenticationTally, _ labels: [MetricsText.Label]) {
    let labels = labels + [Label("authenticator", tally.authenticator)]
    for outcome in AuthenticationOutcome.allCases {
      text.sample(labels + [Label("outcome", outcome.label)], tally.count(of: outcome))
    }
  }
}
