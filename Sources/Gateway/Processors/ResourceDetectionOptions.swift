package import LogPipeline
package import Options

/// `processors.resourcedetection`: adds to resources what this process finds out about where it runs.
///
/// Nothing is asked over the network: detectors that would have to are accepted, and add nothing.
package struct ResourceDetectionOptions: ProcessorOptions {
  package static let doc = "Adds to resources what is known of this machine."

  /// What detects something here, and what is accepted.
  enum Detector: String, Sendable, CaseIterable {
    case env, system
    case k8snode, kubernetesNode = "kubernetes_node"
    case docker, gcp, ec2, ecs, eks, azure, aks, lambda, heroku, openshift, consul, kubeadm, dynatrace, hetzner
    case akamai, scaleway, vultr, upcloud, digitalocean, nova, alibabaEcs = "alibaba_ecs", tencentCvm = "tencent_cvm"
    case elasticBeanstalk = "elastic_beanstalk", elasticbeanstalk, oraclecloud
    case openstackNova = "openstack_nova", ibmCloudVpc = "ibmcloud_vpc"

    /// Whether it needs to ask somebody else than this machine.
    var asksOthers: Bool {
      switch self {
      case .env, .system, .k8snode, .kubernetesNode: false
      default: true
      }
    }
  }

  private let detectors: [Detector]
  private let overrides: Bool
  private let wanted: DetectedResource.Wanted
  /// Where the options stand, for messages.
  private let place: ConfigPlace

  package init(_ options: ConfigReader) {
    detectors = options.list(
      "detectors", of: .detector, default: [.env],
      "What is found out, in this order: of an attribute the first counts. env, system and k8snode add something; "
        + "others are accepted.")
    overrides = options.read(
      "override", .bool, default: true, "Whether an attribute that a resource has is replaced.")
    for key in ["timeout", "refresh_interval"] {
      _ = options.optional(key, .duration(), "Of no effect: nothing is waited for.")
    }
    var wanted = DetectedResource.Wanted()
    wanted.only = Set(options.list("attributes", of: .nonEmptyString, "Only these are added; empty for all."))
    options.section("system", "What the detector system adds.") { wanted.readSystem($0) }
    for key in ["k8snode", "kubernetes_node"] {
      options.section(key, "What the detector \(key) adds.") { wanted.readNode($0) }
    }
    self.wanted = wanted
    place = options.place
    for (position, detector) in detectors.enumerated() where detector.asksOthers {
      options.report.warning(
        at: options.place(of: "detectors"), path: "\(options.path).detectors[\(position)]",
        "\"\(detector.rawValue)\" adds nothing: nobody is asked over the network; env adds what stands in "
          + "OTEL_RESOURCE_ATTRIBUTES")
    }
    for detector in Detector.allCases where detector.asksOthers && options.has(detector.rawValue) {
      options.ignored(detector.rawValue, because: "the detector adds nothing")
    }
  }

  package func makeProcessor(id: String) -> (any Processor)? {
    makeProcessor(id: id, on: Machine())
  }

  /// The step that adds what is found on a machine; nil if that is nothing.
  func makeProcessor(id: String, on machine: Machine) -> (any Processor)? {
    let found = DetectedResource(detectors, wanted, on: machine).attributes
    if found.isEmpty { return nil }
    let actions = found.map { name, value in
      node([("key", text(name)), ("value", text(value)), ("action", text(overrides ? "upsert" : "insert"))])
    }
    let list = node([("attributes", ConfigNode(.list(actions), at: place))])
    return ResourceOptions(ConfigReader(list, path: "", report: ConfigReport())).makeProcessor(id: id)
  }

  package func problem(in signal: Signal) -> String? { nil }

  private func text(_ text: String) -> ConfigNode {
    ConfigNode(.scalar(.init(text, isQuoted: true)), at: place)
  }

  private func node(_ entries: [(String, ConfigNode)]) -> ConfigNode {
    ConfigNode(.map(entries.map { .init(key: $0.0, place: place, value: $0.1) }), at: place)
  }
}

extension OptionType where Value == ResourceDetectionOptions.Detector {
  /// A detector, under the name that the Collector has for it.
  fileprivate static var detector: OptionType {
    var type = OptionType.choice(.env)
    type.name = "detector"
    return type
  }
}
