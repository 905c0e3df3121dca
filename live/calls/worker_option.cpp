// Level, number and bytes of each option, as the C library and the kernel name them.
#include "live/calls/worker_option.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "model/script/script_option.hpp"

namespace netlimits::live {
namespace {

constexpr int ip_local_port_range = 51;  // include/uapi/linux/in.h IP_LOCAL_PORT_RANGE; older C libraries lack it

struct OptionPlace {
  int level;
  int name;
};

OptionPlace place_of(Option option) {
  switch (option) {
    case Option::reuse_address:
      return {SOL_SOCKET, SO_REUSEADDR};
    case Option::reuse_port:
      return {SOL_SOCKET, SO_REUSEPORT};
    case Option::v6_only:
      return {IPPROTO_IPV6, IPV6_V6ONLY};
    case Option::bind_no_port:
      return {IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT};
    case Option::free_bind:
      return {IPPROTO_IP, IP_FREEBIND};
    case Option::transparent:
      return {IPPROTO_IP, IP_TRANSPARENT};
    case Option::local_port_range:
      return {IPPROTO_IP, ip_local_port_range};
    case Option::linger:
      return {SOL_SOCKET, SO_LINGER};
    case Option::error:
      return {SOL_SOCKET, SO_ERROR};
    case Option::bind_to_device:
      return {SOL_SOCKET, SO_BINDTODEVICE};
    case Option::accept_conn:
      return {SOL_SOCKET, SO_ACCEPTCONN};
    case Option::keep_alive:
      return {SOL_SOCKET, SO_KEEPALIVE};
    case Option::keep_idle:
      return {IPPROTO_TCP, TCP_KEEPIDLE};
    case Option::keep_interval:
      return {IPPROTO_TCP, TCP_KEEPINTVL};
    case Option::keep_count:
      return {IPPROTO_TCP, TCP_KEEPCNT};
    case Option::syn_count:
      return {IPPROTO_TCP, TCP_SYNCNT};
    case Option::fin_wait_2:
      return {IPPROTO_TCP, TCP_LINGER2};
    case Option::defer_accept:
      return {IPPROTO_TCP, TCP_DEFER_ACCEPT};
    case Option::user_timeout:
      return {IPPROTO_TCP, TCP_USER_TIMEOUT};
    case Option::receive_buffer:
      return {SOL_SOCKET, SO_RCVBUF};
    case Option::send_buffer:
      return {SOL_SOCKET, SO_SNDBUF};
  }
  return {-1, -1};
}

}  // namespace

void set_option(const WorkerQuestion& question, WorkerAnswer& answer) {
  const std::string_view text(question.text.data());
  const std::size_t line = text.find('\n');
  const auto option = option_named(text.substr(0, line));
  if (!option) {
    answer.error = ENOPROTOOPT;
    return;
  }
  const OptionPlace place = place_of(*option);
  std::array<char, 256> value{};
  if (*option == Option::bind_to_device) {
    text.substr(line + 1).copy(value.data(), value.size());
  } else if (*option == Option::linger) {
    const linger wanted{static_cast<int>(question.first), static_cast<int>(question.second)};
    std::memcpy(value.data(), &wanted, sizeof wanted);
  } else {
    auto number = static_cast<std::uint32_t>(question.first);
    if (*option == Option::local_port_range)
      number = static_cast<std::uint32_t>((question.first & 0xffff) | (question.second & 0xffff) << 16);
    std::memcpy(value.data(), &number, sizeof number);
  }
  const auto length = static_cast<socklen_t>(std::clamp<std::int64_t>(question.length, 0, value.size()));
  const int result = ::setsockopt(question.descriptor, place.level, place.name, value.data(), length);
  answer.error = result < 0 ? errno : 0;
}

void get_option(const WorkerQuestion& question, WorkerAnswer& answer) {
  const auto option = option_named(question.text.data());
  if (!option) {
    answer.error = ENOPROTOOPT;
    return;
  }
  const OptionPlace place = place_of(*option);
  std::array<char, 256> value{};
  auto length = static_cast<socklen_t>(value.size());
  if (::getsockopt(question.descriptor, place.level, place.name, value.data(), &length) < 0) {
    answer.error = errno;
    return;
  }
  if (*option == Option::bind_to_device) {
    std::string_view(value.data()).copy(answer.text.data(), answer.text.size() - 1);
    return;
  }
  std::array<std::int32_t, 2> numbers{};
  std::memcpy(numbers.data(), value.data(), sizeof numbers);
  answer.values = {numbers[0], numbers[1]};
  if (*option == Option::linger) answer.value_count = 2;
  if (*option != Option::local_port_range) return;
  answer.values = {numbers[0] & 0xffff, static_cast<std::uint32_t>(numbers[0]) >> 16};
  answer.value_count = 2;
}

}  // namespace netlimits::live
