#include "model/systems/setting.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "model/net/port_list.hpp"
#include "model/net/sysctl_number.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

constexpr Rule invalid_rule = Rule::setting_invalid_value;
constexpr std::int64_t int_max = std::numeric_limits<std::int32_t>::max();

tl::unexpected<Refusal> invalid() { return refuse(Error::einval, invalid_rule); }

// ---- Linux: one number, as proc_dointvec_minmax and proc_dou8vec_minmax take it. Text after a blank is ignored.

std::optional<std::int64_t> number_in(std::string_view text, std::int64_t low, std::int64_t high) {
  const auto number = read_sysctl_number(text);
  if (!number || number->magnitude > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  const std::int64_t magnitude = static_cast<std::int64_t>(number->magnitude);
  const std::int64_t value = number->negative ? -magnitude : magnitude;
  if (value < low || value > high) return std::nullopt;
  return value;
}

// Calls `set(settings, value)` with a number of [Low, High].
template <std::int64_t Low, std::int64_t High, auto Set>
Outcome<void> write_number(Settings& settings, std::string_view text) {
  const auto value = number_in(text, Low, High);
  if (!value) return invalid();
  Set(settings, *value);
  return {};
}

template <auto Member>
std::string read_switch(const Settings& settings) {
  return settings.*Member ? "1" : "0";
}

template <auto Member>
std::string read_number(const Settings& settings) {
  return fmt::format("{}", settings.*Member);
}

// For members that hold an int of the kernel as unsigned: -1 is kept as 4294967295, as the kernel compares it.
template <auto Member>
std::string read_int(const Settings& settings) {
  return fmt::format("{}", static_cast<std::int32_t>(settings.*Member));
}

template <auto Member>
void set_switch(Settings& settings, std::int64_t value) {
  settings.*Member = value != 0;
}

template <auto Member>
void set_unsigned(Settings& settings, std::int64_t value) {
  settings.*Member = static_cast<std::remove_cvref_t<decltype(settings.*Member)>>(value);
}

template <auto Member>
constexpr auto write_switch = &write_number<0, 255, set_switch<Member>>;

template <auto Member, std::int64_t Low, std::int64_t High>
constexpr auto write_unsigned = &write_number<Low, High, set_unsigned<Member>>;

// net/ipv4/sysctl_net_ipv4.c, ipv4_local_port_range(). A single number sets the low end alone; a third is ignored.
Outcome<void> write_linux_port_range(Settings& settings, std::string_view text) {
  const auto low = read_sysctl_number(text);
  if (!low || low->negative) return invalid();
  std::uint64_t high_value = settings.local_port_range.last.value;
  if (low->rest.find_first_not_of(" \t\n") != std::string_view::npos) {
    const auto high = read_sysctl_number(low->rest);
    if (!high || high->negative) return invalid();
    high_value = high->magnitude;
  }
  // Port 0 cannot be in the range even where ip_unprivileged_port_start is 0.
  if (low->magnitude < 1 || high_value > 65535 || low->magnitude > high_value ||
      low->magnitude < settings.unprivileged_port_start) {
    return invalid();
  }
  settings.local_port_range = {Port{static_cast<std::uint16_t>(low->magnitude)},
                               Port{static_cast<std::uint16_t>(high_value)}};
  return {};
}

std::string read_linux_port_range(const Settings& settings) {
  return fmt::format("{} {}", settings.local_port_range.first.value, settings.local_port_range.last.value);
}

Outcome<void> write_reserved_ports(Settings& settings, std::string_view text) {
  auto ports = parse_port_list(text);
  if (!ports) return invalid();
  settings.reserved_ports = std::move(*ports);
  return {};
}

std::string read_reserved_ports(const Settings& settings) { return port_list_text(settings.reserved_ports); }

// net/ipv4/sysctl_net_ipv4.c, ipv4_privileged_ports(): may not rise above the low end of the automatic range.
Outcome<void> write_unprivileged_port_start(Settings& settings, std::string_view text) {
  const auto value = number_in(text, 0, 65535);
  if (!value || *value > settings.local_port_range.first.value) return invalid();
  settings.unprivileged_port_start = static_cast<std::uint32_t>(*value);
  return {};
}

template <auto Member, class Unit>
void set_duration(Settings& settings, std::int64_t value) {
  settings.*Member = Unit(value);
}

template <auto Member, class Unit>
std::string read_duration(const Settings& settings) {
  return fmt::format("{}", std::chrono::duration_cast<Unit>(settings.*Member).count());
}

void set_time_wait_reuse(Settings& settings, std::int64_t value) {
  settings.time_wait_reuse = static_cast<TimeWaitReuse>(value);
}

std::string read_time_wait_reuse(const Settings& settings) {
  return fmt::format("{}", static_cast<int>(settings.time_wait_reuse));
}

// Only 2 means "always"; any other number that is not 0 acts as 1.
void set_syncookies(Settings& settings, std::int64_t value) {
  settings.syncookies = value == 0 ? SynCookies::off : value == 2 ? SynCookies::always : SynCookies::when_full;
}

std::string read_syncookies(const Settings& settings) {
  return fmt::format("{}", static_cast<int>(settings.syncookies));
}

Outcome<void> write_fixed(Settings&, std::string_view) { return refuse(Error::eperm, Rule::setting_fixed); }

// ---- Windows

// The number that follows `key=`, or nothing.
std::optional<std::int64_t> named_number(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos || (at != 0 && text[at - 1] != ' ')) return std::nullopt;
  text.remove_prefix(at + key.size());
  text = text.substr(0, text.find(' '));
  if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return number_in(text.substr(std::min(text.find_first_not_of('0'), text.size() - 1)), 0, 999999999);
}

// netsh: start from 1025, at least 255 ports, the end at most 65535 (support.microsoft.com/kb/929851).
Outcome<void> write_dynamic_ports(Settings& settings, std::string_view text) {
  const auto start = named_number(text, "start=");
  const auto count = named_number(text, "num=");
  if (!start || !count || text != fmt::format("start={} num={}", *start, *count)) return invalid();
  const std::int64_t last = *start + *count - 1;
  if (*start < 1025 || *count < 255 || last > 65535) return invalid();
  settings.local_port_range = {Port{static_cast<std::uint16_t>(*start)}, Port{static_cast<std::uint16_t>(last)}};
  return {};
}

std::string read_dynamic_ports(const Settings& settings) {
  return fmt::format("start={} num={}", settings.local_port_range.first.value, settings.local_port_range.size().value);
}

// ---- macOS and FreeBSD

// Both systems search downwards when first is above last, and clamp to 1024..65535. Nobody means either: refused.
Outcome<void> write_bsd_first(Settings& settings, std::string_view text) {
  const auto value = number_in(text, 1024, 65535);
  if (!value || *value > settings.local_port_range.last.value) return invalid();
  settings.local_port_range.first = Port{static_cast<std::uint16_t>(*value)};
  return {};
}

Outcome<void> write_bsd_last(Settings& settings, std::string_view text) {
  const auto value = number_in(text, 1024, 65535);
  if (!value || *value < settings.local_port_range.first.value) return invalid();
  settings.local_port_range.last = Port{static_cast<std::uint16_t>(*value)};
  return {};
}

std::string read_bsd_first(const Settings& settings) {
  return fmt::format("{}", settings.local_port_range.first.value);
}
std::string read_bsd_last(const Settings& settings) { return fmt::format("{}", settings.local_port_range.last.value); }

// TIME_WAIT lasts two maximum segment lifetimes (RFC 9293, 3.6.1).
void set_maximum_segment_lifetime(Settings& settings, std::int64_t value) {
  settings.time_wait = 2 * std::chrono::milliseconds(value);
}

std::string read_maximum_segment_lifetime(const Settings& settings) {
  return fmt::format("{}", std::chrono::duration_cast<std::chrono::milliseconds>(settings.time_wait).count() / 2);
}

// ---- the table

struct Entry {
  SettingInfo info;
  Outcome<void> (*write)(Settings&, std::string_view);
  std::string (*read)(const Settings&);
};

using S = Settings;
constexpr SettingScope per_namespace = SettingScope::per_namespace;
constexpr SettingScope host_wide = SettingScope::host_wide;
constexpr std::string_view a_switch = "0 (off) or 1 (on)";
constexpr std::string_view an_int = "a whole number, at most 2147483647";
constexpr std::string_view a_bsd_port = "a port from 1024 to 65535; first not above last";

// In alphabetical order within each system. What Linux takes was measured on 6.18.44 in a fresh network namespace, the
// host-wide ones excepted (kernel/sysctl.c, fs/file_table.c, net/ipv4/sysctl_net_ipv4.c).
constexpr Entry entries[] = {
    {{"TCP_TIMEWAIT_LEN", "linux", "nothing: 60 s, compiled into the kernel", SettingScope::fixed},
     write_fixed,
     read_duration<&S::time_wait, std::chrono::seconds>},
    {{"fs.file-max", "linux", "a whole number of open files of the host", host_wide},
     write_number<0, std::numeric_limits<std::int64_t>::max(), set_unsigned<&S::file_max>>,
     read_number<&S::file_max>},
    // fs/file.c, sysctl_nr_open_min (64) and sysctl_nr_open_max.
    {{"fs.nr_open", "linux", "a whole number from 64 to 2147483584", host_wide},
     write_number<64, 2147483584, set_unsigned<&S::nr_open>>,
     read_number<&S::nr_open>},
    {{"net.core.somaxconn", "linux", an_int, per_namespace},
     write_unsigned<&S::somaxconn, 0, int_max>,
     read_number<&S::somaxconn>},
    {{"net.ipv4.ip_autobind_reuse", "linux", a_switch, per_namespace},
     write_number<0, 1, set_switch<&S::autobind_reuse>>,
     read_switch<&S::autobind_reuse>},
    {{"net.ipv4.ip_local_port_range", "linux",
      "two ports, low and high, such as \"32768 60999\": low at least ip_unprivileged_port_start, high at most 65535",
      per_namespace},
     write_linux_port_range,
     read_linux_port_range},
    {{"net.ipv4.ip_local_reserved_ports", "linux", "a list such as \"8080,9000-9010\", or nothing", per_namespace},
     write_reserved_ports,
     read_reserved_ports},
    {{"net.ipv4.ip_nonlocal_bind", "linux", a_switch, per_namespace},
     write_switch<&S::nonlocal_bind>,
     read_switch<&S::nonlocal_bind>},
    {{"net.ipv4.ip_unprivileged_port_start", "linux",
      "a port from 0 to 65535, not above the low end of ip_local_port_range", per_namespace},
     write_unprivileged_port_start,
     read_number<&S::unprivileged_port_start>},
    {{"net.ipv4.tcp_abort_on_overflow", "linux", a_switch, per_namespace},
     write_switch<&S::abort_on_overflow>,
     read_switch<&S::abort_on_overflow>},
    // The upper end is INT_MAX in timer ticks, here of kernels with HZ=250.
    {{"net.ipv4.tcp_fin_timeout", "linux", "a whole number of seconds", per_namespace},
     write_number<-int_max - 1, int_max / 250, set_duration<&S::fin_timeout, std::chrono::seconds>>,
     read_duration<&S::fin_timeout, std::chrono::seconds>},
    {{"net.ipv4.tcp_max_orphans", "linux", an_int, host_wide},
     write_unsigned<&S::max_orphans, -int_max - 1, int_max>,
     read_int<&S::max_orphans>},
    {{"net.ipv4.tcp_max_syn_backlog", "linux", an_int, per_namespace},
     write_unsigned<&S::max_syn_backlog, -int_max - 1, int_max>,
     read_int<&S::max_syn_backlog>},
    {{"net.ipv4.tcp_max_tw_buckets", "linux", an_int, per_namespace},
     write_unsigned<&S::max_time_wait_buckets, -int_max - 1, int_max>,
     read_int<&S::max_time_wait_buckets>},
    {{"net.ipv4.tcp_orphan_retries", "linux", "a whole number from 0 to 255", per_namespace},
     write_unsigned<&S::orphan_retries, 0, 255>,
     read_number<&S::orphan_retries>},
    {{"net.ipv4.tcp_syn_linear_timeouts", "linux", "a whole number from 0 to 127", per_namespace},
     write_unsigned<&S::syn_linear_timeouts, 0, 127>,
     read_number<&S::syn_linear_timeouts>},
    {{"net.ipv4.tcp_syn_retries", "linux", "a whole number from 1 to 127", per_namespace},
     write_unsigned<&S::syn_retries, 1, 127>,
     read_number<&S::syn_retries>},
    {{"net.ipv4.tcp_synack_retries", "linux", "a whole number from 0 to 255", per_namespace},
     write_unsigned<&S::synack_retries, 0, 255>,
     read_number<&S::synack_retries>},
    {{"net.ipv4.tcp_syncookies", "linux", "0 (off), 1 (when the SYN queue is full) or 2 (always)", per_namespace},
     write_number<0, 255, set_syncookies>,
     read_syncookies},
    {{"net.ipv4.tcp_timestamps", "linux", "0 (off), 1 or 2 (on)", per_namespace},
     write_switch<&S::timestamps>,
     read_switch<&S::timestamps>},
    {{"net.ipv4.tcp_tw_reuse", "linux", "0 (never), 1 (always) or 2 (loopback addresses only)", per_namespace},
     write_number<0, 2, set_time_wait_reuse>,
     read_time_wait_reuse},
    {{"net.ipv4.tcp_tw_reuse_delay", "linux", "a whole number of milliseconds from 1 to 60000", per_namespace},
     write_number<1, 60000, set_duration<&S::time_wait_reuse_delay, std::chrono::milliseconds>>,
     read_duration<&S::time_wait_reuse_delay, std::chrono::milliseconds>},
    {{"net.ipv6.bindv6only", "linux", a_switch, per_namespace},
     write_switch<&S::ipv6_only_by_default>,
     read_switch<&S::ipv6_only_by_default>},
    {{"net.ipv6.conf.all.disable_ipv6", "linux", a_switch, SettingScope::at_start},
     write_number<0, 1, set_switch<&S::ipv6_disabled>>,
     read_switch<&S::ipv6_disabled>},
    {{"net.ipv6.ip_nonlocal_bind", "linux", a_switch, per_namespace},
     write_switch<&S::ipv6_nonlocal_bind>,
     read_switch<&S::ipv6_nonlocal_bind>},

    // MicrosoftDocs/SupportArticles-docs, tcp-ip-port-exhaustion-troubleshooting.md.
    {{"TcpTimedWaitDelay", "windows", "a whole number of seconds from 30 to 300", host_wide},
     write_number<30, 300, set_duration<&S::time_wait, std::chrono::seconds>>,
     read_duration<&S::time_wait, std::chrono::seconds>},
    {{"netsh int ipv4 dynamicport tcp", "windows",
      "\"start=49152 num=16384\": start at least 1025, num at least 255, the last port at most 65535", host_wide},
     write_dynamic_ports,
     read_dynamic_ports},

    // apple-oss-distributions/xnu, bsd/kern/uipc_socket2.c: a listener's limit is a short.
    {{"kern.ipc.somaxconn", "macos", "a whole number from 1 to 32767", host_wide},
     write_unsigned<&S::somaxconn, 1, 32767>,
     read_number<&S::somaxconn>},
    {{"kern.maxfiles", "macos", "a whole number of open files of the host", host_wide},
     write_number<1, int_max, set_unsigned<&S::file_max>>,
     read_number<&S::file_max>},
    {{"kern.maxfilesperproc", "macos", "a whole number of descriptors of one process", host_wide},
     write_number<1, int_max, set_unsigned<&S::nr_open>>,
     read_number<&S::nr_open>},
    {{"net.inet.ip.portrange.first", "macos", a_bsd_port, host_wide}, write_bsd_first, read_bsd_first},
    {{"net.inet.ip.portrange.last", "macos", a_bsd_port, host_wide}, write_bsd_last, read_bsd_last},
    {{"net.inet.tcp.msl", "macos", "a whole number of milliseconds; TIME_WAIT lasts twice as long", host_wide},
     write_number<1, int_max, set_maximum_segment_lifetime>,
     read_maximum_segment_lifetime},

    // FreeBSD: a jail may have a network stack of its own (VNET). sys/kern/uipc_socket.c: 3 * backlog / 2 is unsigned.
    {{"kern.ipc.soacceptqueue", "freebsd", "a whole number from 1 to 1431655765", host_wide},
     write_unsigned<&S::somaxconn, 1, 1431655765>,
     read_number<&S::somaxconn>},
    {{"kern.ipc.somaxconn", "freebsd", "a whole number from 1 to 1431655765", host_wide},
     write_unsigned<&S::somaxconn, 1, 1431655765>,
     read_number<&S::somaxconn>},
    {{"kern.maxfiles", "freebsd", "a whole number of open files of the host", host_wide},
     write_number<1, int_max, set_unsigned<&S::file_max>>,
     read_number<&S::file_max>},
    {{"kern.maxfilesperproc", "freebsd", "a whole number of descriptors of one process", host_wide},
     write_number<1, int_max, set_unsigned<&S::nr_open>>,
     read_number<&S::nr_open>},
    {{"net.inet.ip.portrange.first", "freebsd", a_bsd_port, per_namespace}, write_bsd_first, read_bsd_first},
    {{"net.inet.ip.portrange.last", "freebsd", a_bsd_port, per_namespace}, write_bsd_last, read_bsd_last},
    {{"net.inet.tcp.msl", "freebsd", "a whole number of milliseconds; TIME_WAIT lasts twice as long", per_namespace},
     write_number<1, int_max, set_maximum_segment_lifetime>,
     read_maximum_segment_lifetime},
};

const Entry* entry_named(std::string_view system, std::string_view name) {
  const auto* const found = std::find_if(std::begin(entries), std::end(entries), [&](const Entry& entry) {
    return entry.info.system == system && entry.info.name == name;
  });
  return found == std::end(entries) ? nullptr : found;
}

}  // namespace

std::vector<SettingInfo> settings_of(std::string_view system) {
  std::vector<SettingInfo> infos;
  for (const Entry& entry : entries) {
    if (entry.info.system == system) infos.push_back(entry.info);
  }
  return infos;
}

std::optional<SettingInfo> setting_named(std::string_view system, std::string_view name) {
  const Entry* const entry = entry_named(system, name);
  return entry == nullptr ? std::nullopt : std::optional(entry->info);
}

Outcome<void> write_setting(Settings& settings, std::string_view system, std::string_view name, std::string_view text) {
  const Entry* const entry = entry_named(system, name);
  if (entry == nullptr) return refuse(Error::einval, Rule::setting_unknown_name);
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return entry->write(settings, text);
}

tl::expected<std::vector<std::pair<std::string, std::string>>, std::string> writing_order(
    Settings from, std::string_view system, const std::map<std::string, std::string>& values) {
  std::vector<std::pair<std::string, std::string>> order;
  std::vector<std::pair<std::string, std::string>> left(values.begin(), values.end());
  while (!left.empty()) {
    const std::size_t before = left.size();
    std::erase_if(left, [&](const auto& value) {
      if (!write_setting(from, system, value.first, value.second)) return false;
      order.push_back(value);
      return true;
    });
    if (left.size() == before) return tl::unexpected(left.front().first);
  }
  return order;
}

std::string read_setting(const Settings& settings, std::string_view system, std::string_view name) {
  const Entry* const entry = entry_named(system, name);
  return entry == nullptr ? std::string{} : entry->read(settings);
}

}  // namespace netlimits
