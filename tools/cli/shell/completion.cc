#include "tools/cli/shell/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace tulving::tools {
namespace {

/// Calls `visit` with each command and its path, " plans show"; the program's own is empty.
void each_command(const CommandText& command, const std::string& path,
                  const std::function<void(const CommandText&, const std::string&)>& visit) {
  visit(command, path);
  for (const CommandText& part : command.commands) {
    each_command(part, path + ' ' + part.name, visit);
  }
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// For a shell, between single quotes.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + '\'';
}

// zsh takes what stands before ':' for the word.
std::string described(const std::string& word, const std::string& description) {
  std::string out;
  for (const char c : word) out += c == ':' ? std::string("\\:") : std::string(1, c);
  return out + ':' + first_line(description);
}

// What bash and zsh share: case statements that know the commands, and where a word leads to.
std::string shared_functions(const CommandText& program) {
  std::string commands, values, words;
  each_command(program, {}, [&](const CommandText& command, const std::string& path) {
    std::string lines;
    for (const CommandText& part : command.commands) {
      commands += fmt::format("    {}) return 0 ;;\n", quoted(path + ' ' + part.name));
      lines += ' ' + quoted(described(part.name, part.description));
    }
    for (const OptionText& option : command.options) {
      for (const std::string& name : option.names) {
        if (!option.value.empty()) {
          values += fmt::format("    {}) return 0 ;;\n", quoted(path + ':' + name));
        }
        lines += ' ' + quoted(described(name, option.description));
      }
    }
    if (!lines.empty()) words += fmt::format("    {}) printf '%s\\n'{} ;;\n", quoted(path), lines);
  });
  return "_tulving_is_command() {  # PATH WORD\n  case \"$1 $2\" in\n" + commands +
         "  esac\n  return 1\n}\n"
         "_tulving_takes_value() {  # PATH OPTION: the command's own, or the program's\n"
         "  local at\n  for at in \"$1:$2\" \":$2\"; do\n  case \"$at\" in\n" +
         values +
         "  esac\n  done\n  return 1\n}\n"
         "_tulving_words() {  # PATH: its commands and options, WORD:DESCRIPTION a line\n"
         "  case \"$1\" in\n" +
         words + "  esac\n}\n";
}

}  // namespace

std::string bash_completion(const CommandText& program) {
  return "# bash completion of tulving, made by `tulving completion bash`.\n" +
         shared_functions(program) +
         R"SH(_tulving() {
  local word=${COMP_WORDS[COMP_CWORD]} at='' is_value='' i line words=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [[ $is_value ]]; then
      is_value=''
    elif _tulving_takes_value "$at" "${COMP_WORDS[i]}"; then
      is_value=yes
    elif _tulving_is_command "$at" "${COMP_WORDS[i]}"; then
      at+=" ${COMP_WORDS[i]}"
    fi
  done
  COMPREPLY=()
  if [[ ! $is_value ]]; then
    while IFS= read -r line; do words+=("${line%%:*}"); done < <(_tulving_words "$at")
    if [[ $word == -* && $at ]]; then
      while IFS= read -r line; do words+=("${line%%:*}"); done < <(_tulving_words '' | grep '^-')
    fi
    mapfile -t COMPREPLY < <(compgen -W "${words[*]}" -- "$word")
  fi
  if [[ ${#COMPREPLY[@]} -eq 0 && $word != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}
complete -o filenames -F _tulving tulving
)SH";
}

std::string zsh_completion(const CommandText& program) {
  return "#compdef tulving\n# zsh completion of tulving, made by `tulving completion zsh`.\n" +
         shared_functions(program) +
         R"SH(_tulving() {
  local at='' is_value='' i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    if [[ -n $is_value ]]; then
      is_value=''
    elif _tulving_takes_value "$at" "${words[i]}"; then
      is_value=yes
    elif _tulving_is_command "$at" "${words[i]}"; then
      at+=" ${words[i]}"
    fi
  done
  if [[ -n $is_value ]]; then
    _files
    return
  fi
  found=(${(f)"$(_tulving_words "$at")"})
  if [[ ${words[CURRENT]} == -* && -n $at ]]; then
    found+=(${(f)"$(_tulving_words '' | grep '^-')"})
  fi
  _describe tulving found || _files
}
if [[ ${funcstack[1]} == _tulving ]]; then _tulving "$@"; else compdef _tulving tulving; fi
)SH";
}

std::string fish_completion(const CommandText& program) {
  std::string paths, values, lines;
  each_command(program, {}, [&](const CommandText& command, const std::string& path) {
    const std::string here = fmt::format("complete -c tulving -n {}",
                                         quoted("test (__tulving_path) = " + quoted('>' + path)));
    for (const CommandText& part : command.commands) {
      paths += ' ' + quoted(path + ' ' + part.name);
      lines += fmt::format("{} -a {} -d {}\n", here, quoted(part.name),
                           quoted(first_line(part.description)));
    }
    for (const OptionText& option : command.options) {
      // Those of the program may follow any command.
      std::string line = path.empty() ? "complete -c tulving" : here;
      for (const std::string& name : option.names) {
        const bool is_long = name.starts_with("--");
        line += (is_long ? " -l " : " -s ") + quoted(name.substr(is_long ? 2 : 1));
        if (!option.value.empty()) values += ' ' + quoted(path + ':' + name);
      }
      lines += fmt::format("{}{} -d {}\n", line, option.value.empty() ? "" : " -r",
                           quoted(first_line(option.description)));
    }
  });
  return "# fish completion of tulving, made by `tulving completion fish`.\nset -g "
         "__tulving_paths" +
         paths + "\nset -g __tulving_values" + values + R"SH(
function __tulving_path
  set -l at ''
  set -l is_value no
  for word in (commandline -opc)[2..-1]
    if test $is_value = yes
      set is_value no
    else if contains -- "$at:$word" $__tulving_values; or contains -- ":$word" $__tulving_values
      set is_value yes
    else if contains -- "$at $word" $__tulving_paths
      set at "$at $word"
    end
  end
  echo ">$at"
end
)SH" + lines;
}

}  // namespace tulving::tools
