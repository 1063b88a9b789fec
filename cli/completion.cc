#include "cli/completion.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>

namespace tidemark::cli {
namespace {

struct Word {
  std::string text;
  std::string help;
};

/// One command of the tree: "report confirm-lag" and what may follow.
struct Node {
  std::string path;  // words joined by blanks; "" for the program itself
  std::vector<Word> commands;
  std::vector<Word> options;
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

void collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
  Node node;
  node.path = path;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    node.commands.push_back({command->get_name(), first_line(command->get_description())});
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames())
      node.options.push_back({"--" + name, first_line(option->get_description())});
  }
  const std::vector<Word> commands = node.commands;
  nodes.push_back(std::move(node));
  for (const Word& command : commands) {
    collect(*app.get_subcommand(command.text), path.empty() ? command.text : path + " " + command.text, nodes);
  }
}

std::string joined(const Node& node) {
  std::string text;
  for (const std::vector<Word>* words : {&node.commands, &node.options}) {
    for (const Word& word : *words) text += (text.empty() ? "" : " ") + word.text;
  }
  return text;
}

/// A text inside single quotes of a shell.
std::string shell_quoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + out + "'";
}

std::string bash_script(const std::vector<Node>& nodes) {
  std::string out =
      "# bash completion of tidemark: source <(tidemark completion bash)\n"
      "_tidemark() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"${path:+$path }$word\" in\n";
  for (const Node& node : nodes) {
    if (!node.path.empty())
      out += fmt::format("      {}) path=\"${{path:+$path }}$word\" ;;\n", shell_quoted(node.path));
  }
  out += "    esac\n  done\n  local words=\"\"\n  case \"$path\" in\n";
  for (const Node& node : nodes)
    out += fmt::format("    {}) words={} ;;\n", shell_quoted(node.path), shell_quoted(joined(node)));
  return out +
         "  esac\n"
         "  if [[ \"$current\" != -* ]]; then\n"
         "    case \"$path\" in\n"
         "      run|'scenario check'|'report confirm-lag') words=\"$words $(tidemark scenario list 2>/dev/null | cut "
         "-d' ' -f1)\" ;;\n"
         "    esac\n"
         "  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _tidemark tidemark\n";
}

std::string zsh_script(const std::vector<Node>& nodes) {
  std::string out =
      "#compdef tidemark\n"
      "# zsh completion of tidemark: tidemark completion zsh > a folder of $fpath, as _tidemark\n"
      "_tidemark() {\n"
      "  local path_words=\"\" word\n"
      "  for word in ${words[2,CURRENT-1]}; do\n"
      "    case \"${path_words:+$path_words }$word\" in\n";
  for (const Node& node : nodes) {
    if (!node.path.empty())
      out += fmt::format("      {}) path_words=\"${{path_words:+$path_words }}$word\" ;;\n", shell_quoted(node.path));
  }
  out += "    esac\n  done\n  local -a choices\n  case \"$path_words\" in\n";
  for (const Node& node : nodes) {
    out += fmt::format("    {}) choices=(", shell_quoted(node.path));
    for (const std::vector<Word>* words : {&node.commands, &node.options}) {
      for (const Word& word : *words) out += " " + shell_quoted(word.text + ":" + word.help);
    }
    out += ") ;;\n";
  }
  return out + "  esac\n  _describe 'tidemark' choices\n  _files\n}\ncompdef _tidemark tidemark\n";
}

std::string fish_script(const std::vector<Node>& nodes) {
  std::string out = "# fish completion of tidemark: tidemark completion fish | source\n";
  for (const Node& node : nodes) {
    std::string condition = "__fish_use_subcommand";
    if (!node.path.empty()) {
      condition = "true";
      std::string_view rest = node.path;
      while (!rest.empty()) {
        const std::size_t blank = std::min(rest.find(' '), rest.size());
        condition += fmt::format("; and __fish_seen_subcommand_from {}", rest.substr(0, blank));
        rest.remove_prefix(std::min(blank + 1, rest.size()));
      }
    }
    for (const Word& word : node.commands) {
      out += fmt::format("complete -c tidemark -n {} -a {} -d {}\n", shell_quoted(condition), shell_quoted(word.text),
                         shell_quoted(word.help));
    }
    for (const Word& word : node.options) {
      out += fmt::format("complete -c tidemark -n {} -l {} -d {}\n", shell_quoted(condition),
                         shell_quoted(word.text.substr(2)), shell_quoted(word.help));
    }
  }
  return out;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Node> nodes;
  collect(app, "", nodes);
  if (shell == "bash") return bash_script(nodes);
  if (shell == "zsh") return zsh_script(nodes);
  return shell == "fish" ? fish_script(nodes) : std::string();
}

}  // namespace tidemark::cli
