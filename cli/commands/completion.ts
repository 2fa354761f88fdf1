// `hookline completion`: scripts for shells, made from the commands that there are.

import { Argument, type Command } from 'commander'

interface Completed {
  /** The words before: `webhooks create`. */
  readonly path: string
  readonly commands: readonly Named[]
  readonly options: readonly Named[]
}

interface Named {
  readonly name: string
  readonly says: string
}

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action((shell: string) => {
      const write = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]
      if (write) process.stdout.write(write(completed(program)))
    })
}

/** The tree as rows: each command with what may follow it. */
function completed(command: Command, before: readonly string[] = []): readonly Completed[] {
  const commands = command.commands.map((child) => ({
    name: child.name(),
    says: child.description(),
  }))
  const options = [...globalOptions(command), ...command.options, HELP].flatMap(
    ({ long, description }) => (long ? [{ name: long, says: description }] : []),
  )
  const inner = command.commands.flatMap((child) => completed(child, [...before, child.name()]))
  return [{ path: before.join(' '), commands, options }, ...inner]
}

const HELP = { long: '--help', description: 'display help for command' }

function globalOptions({ parent }: Command): Command['options'] {
  return parent === null ? [] : [...globalOptions(parent), ...parent.options]
}

const names = (named: readonly Named[]) => named.map(({ name }) => name).join(' ')

function bashScript(rows: readonly Completed[]): string {
  const cases = rows.map(
    ({ path, commands, options }) =>
      `    "${path}") words="${names([...commands, ...options])}" ;;`,
  )
  const paths = rows.map(({ path }) => `"${path}"`).join(' ')
  return `# hookline: source <(hookline completion bash)
_hookline() {
  local words="" path="" known=(${paths}) word next one
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    for one in "\${known[@]}"; do [[ $one == "$next" ]] && path=$next; done
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _hookline hookline
`
}

/** In single quotes, without what a shell would read in them. */
const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`

function zshScript(rows: readonly Completed[]): string {
  const item = ({ name, says }: Named) => quoted(`${name}:${says.replaceAll(':', '\\:')}`)
  const cases = rows.map(
    ({ path, commands, options }) =>
      `    ${quoted(path)}) found=(${[...commands, ...options].map(item).join(' ')}) ;;`,
  )
  const paths = rows.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  return `#compdef hookline
# hookline: source <(hookline completion zsh)
_hookline() {
  local at= next
  local -a found
  local -i index
  for (( index = 2; index < CURRENT; index++ )); do
    next="\${at:+$at }\${words[index]}"
    case "$next" in
      ${paths.join('|')}) at=$next ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe hookline found || _files
}
if [ "$funcstack[1]" = _hookline ]; then _hookline "$@"; else compdef _hookline hookline; fi
`
}

function fishScript(rows: readonly Completed[]): string {
  const paths = rows.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  const lines = rows.flatMap(({ path, commands, options }) => {
    const there = `complete -c hookline -n "__hookline_at ${quoted(path)}"`
    return [
      ...commands.map(({ name, says }) => `${there} -f -a ${name} -d ${quoted(says)}`),
      ...options.map(({ name, says }) => `${there} -l ${name.slice(2)} -d ${quoted(says)}`),
    ]
  })
  return `# hookline: hookline completion fish | source
function __hookline_at
  set -l at ''
  for word in (commandline -opc)[2..]
    set -l next (string trim "$at $word")
    contains -- $next ${paths.join(' ')}; and set at $next
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`
}
