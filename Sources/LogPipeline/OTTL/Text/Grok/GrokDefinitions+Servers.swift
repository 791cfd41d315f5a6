/// Lines of servers and runtimes, with the fields that they give under the names of the Elastic Common Schema.
extension GrokDefinitions {
  static let servers: [String: String] = [
    // Apache's error log, before and since 2.4.
    "HTTPDERROR_DATE": "%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{YEAR}",
    "HTTPD20_ERRORLOG":
      #"\[%{HTTPDERROR_DATE:timestamp}\] \[%{LOGLEVEL:log.level}\] (?:\[client %{IPORHOST:source.address}\] )?"#
      + "%{GREEDYDATA:message}",
    "HTTPD24_ERRORLOG":
      #"\[%{HTTPDERROR_DATE:timestamp}\] \[%{WORD:apache.error.module}?:%{LOGLEVEL:log.level}\] "#
      + #"\[pid %{POSINT:process.pid:int}(?::tid %{INT:process.thread.id:int})?\]"#
      + #"(?: \(%{POSINT:apache.error.proxy.error.code}\)%{DATA:apache.error.proxy.error.message}:)?"#
      + #"(?: \[client %{IPORHOST:source.address}(?::%{POSINT:source.port:int})?\])?"#
      + "(?: %{DATA:error.code}:)? %{GREEDYDATA:message}",
    "HTTPD_ERRORLOG": "(?:%{HTTPD20_ERRORLOG}|%{HTTPD24_ERRORLOG})",

    // RFC 5424.
    "SYSLOG5424PRINTASCII": "[\\x21-\\x7e]+",
    "SYSLOG5424PRI": "<%{NONNEGINT:log.syslog.priority:int}>",
    "SYSLOG5424SD": #"(?:\[%{DATA}\])+"#,
    "SYSLOG5424BASE":
      "%{SYSLOG5424PRI}%{NONNEGINT:system.syslog.version} +(?:-|%{TIMESTAMP_ISO8601:timestamp}) "
      + "+(?:-|%{IPORHOST:host.name}) +(?:-|%{SYSLOG5424PRINTASCII:process.command}) +(?:-|%{POSINT:process.pid:int}) "
      + "+(?:-|%{SYSLOG5424PRINTASCII:event.code}) +(?:-|%{SYSLOG5424SD:system.syslog.structured_data})?",
    "SYSLOG5424LINE": "%{SYSLOG5424BASE} +%{GREEDYDATA:message}",
    "CRON_ACTION": "[A-Z ]+",
    "CRONLOG": #"%{SYSLOGBASE} \(%{USER:user.name}\) %{CRON_ACTION:system.cron.action} \(%{DATA:message}\)"#,

    // Java.
    "JAVALOGMESSAGE": ".*",
    "JAVASTACKTRACEPART":
      #"%{SPACE}at %{JAVACLASS:java.log.origin.class.name}\.%{JAVAMETHOD:log.origin.function}"#
      + #"\(%{JAVAFILE:log.origin.file.name}(?::%{INT:log.origin.file.line:int})?\)"#,
    "CATALINA7_DATESTAMP": "%{MONTH} %{MONTHDAY}, %{YEAR} %{HOUR}:%{MINUTE}:%{SECOND} [AP]M",
    "CATALINA7_LOG":
      "%{CATALINA7_DATESTAMP:timestamp} %{JAVACLASS:java.log.origin.class.name}(?: %{JAVAMETHOD:log.origin.function})?"
      + #"\s*(?:%{LOGLEVEL:log.level}:)? %{JAVALOGMESSAGE:message}"#,
    "CATALINA8_DATESTAMP": "%{MONTHDAY}-%{MONTH}-%{YEAR} %{HOUR}:%{MINUTE}:%{SECOND}",
    "CATALINA8_LOG":
      #"%{CATALINA8_DATESTAMP:timestamp} %{LOGLEVEL:log.level} \[%{DATA:java.log.origin.thread.name}\] "#
      + #"%{JAVACLASS:java.log.origin.class.name}\.%{JAVAMETHOD:log.origin.function}? %{JAVALOGMESSAGE:message}"#,
    "CATALINALOG": "(?:%{CATALINA8_LOG}|%{CATALINA7_LOG})",
    "TOMCAT7_LOG": "%{CATALINA7_LOG}",
    "TOMCAT8_LOG": "%{CATALINA8_LOG}",
    "TOMCATLOG": "%{CATALINALOG}",

    // Load balancers of AWS.
    "ELB_URIHOST": "%{IPORHOST:url.domain}(?::%{POSINT:url.port:int})?",
    "ELB_URIPATHQUERY": #"%{URIPATH:url.path}(?:\?%{URIQUERY:url.query})?"#,
    "ELB_URIPATHPARAM": "%{ELB_URIPATHQUERY}",
    "ELB_URI": "%{URIPROTO:url.scheme}://(?:%{USER:url.username}(?::[^@]*)?@)?%{ELB_URIHOST}?%{ELB_URIPATHQUERY}?",
    "ELB_REQUEST_LINE": "%{WORD:http.request.method} %{ELB_URI:url.original}(?: HTTP/%{NUMBER:http.version})?",
  ]
}
