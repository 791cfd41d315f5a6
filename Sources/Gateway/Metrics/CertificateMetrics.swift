extension GatewayMetrics {
  /// When certificates end that the gateway shows to others.
  mutating func certificates(_ assembly: Assembly) {
    families.begin(
      "sluice_receiver_certificate_expiry_seconds", .gauge, "Unix time at which a port's certificate ends.")
    for receiver in assembly.receivers {
      for (name, seconds) in receiver.certificateExpiries {
        families.sample([Label("receiver", receiver.id), Label("protocol", name)], seconds)
      }
    }
    families.begin(
      "sluice_exporter_certificate_expiry_seconds", .gauge,
      "Unix time at which the certificate ends that an exporter shows to its destination.")
    for exporter in assembly.exporters {
      if let seconds = exporter.sender.certificateExpiry {
        families.sample(Self.labels("exporter", exporter.id), seconds)
      }
    }
  }
}
