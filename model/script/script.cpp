#include "model/script/script.hpp"

namespace netlimits {

std::string_view name_of(Call call) {
  switch (call) {
    case Call::socket:
      return "socket";
    case Call::setsockopt:
      return "setsockopt";
    case Call::getsockopt:
      return "getsockopt";
    case Call::bind:
      return "bind";
    case Call::listen:
      return "listen";
    case Call::connect:
      return "connect";
    case Call::disconnect:
      return "disconnect";
    case Call::await:
      return "await";
    case Call::accept:
      return "accept";
    case Call::getsockname:
      return "getsockname";
    case Call::getpeername:
      return "getpeername";
    case Call::send:
      return "send";
    case Call::recv:
      return "recv";
    case Call::shutdown:
      return "shutdown";
    case Call::close:
      return "close";
    case Call::open_files:
      return "open_files";
    case Call::exit:
      return "exit";
    case Call::sleep:
      return "sleep";
    case Call::sysctl:
      return "sysctl";
    case Call::repeat:
      return "repeat";
    case Call::ports:
      return "ports";
  }
  return "";
}

}  // namespace netlimits
