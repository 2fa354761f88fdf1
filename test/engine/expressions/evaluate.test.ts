// What an expression gives for an event, and what is told of one that is wrong.

import { describe, expect, it } from 'vitest'
import { EXPRESSION } from '../../../src/engine/expressions/bounds.ts'
import { compileExpression } from '../../../src/engine/expressions/compile.ts'
import { evaluateExpression } from '../../../src/engine/expressions/evaluate.ts'
import { toInput } from '../../../src/engine/expressions/input.ts'
import { writeValue } from '../../../src/engine/expressions/write-value.ts'

const DATA = `{
  "customer": "Ada", "total": 1.10, "huge": 9007199254740993, "beyond": 1e400, "long": 0.12345678901234567890,
  "paid": true, "zero": 0.0,
  "items": [{ "name": "pen", "price": 2.50, "count": 2 }, { "name": "ink", "price": 10, "count": 1 }]
}`

async function result(source: string, data = DATA, steps?: number) {
  const compiled = compileExpression(source)
  if (compiled.kind === 'flawed') return compiled.flaw
  const input = toInput({ id: 'e1', type: 'order.placed', scope: { region: 'eu' } }, { data })
  const evaluated = await evaluateExpression(compiled, input, {
    secrets: { token: 'sesame' },
    ...(steps !== undefined && { steps }),
  })
  if (evaluated.kind === 'failed') return `${evaluated.code}: ${evaluated.message}`
  return evaluated.value === undefined ? undefined : writeValue(evaluated.value)
}

describe('an expression', () => {
  it.for<readonly [string, string | undefined]>([
    ['type = "order.placed" and scope.region = "eu"', 'true'],
    ['data.nothing', undefined],
    ['data.customer & " owes " & data.total', '"Ada owes 1.10"'],
    ['data.items[price > 5].name', '"ink"'],
    ['data.items[count = 2][0].name', '"pen"'],
    ['$sum(data.items.(price * count))', '15'],
    ['data.items^(>price).name', '["ink","pen"]'],
    ['data.items{name: price}', '{"pen":2.50,"ink":10}'],
    ['$map(data.items, function($i) { $uppercase($i.name) })', '["PEN","INK"]'],
    ['$join(data.items.name, ", ")', '"pen, ink"'],
    ['$map(data.items.name, $uppercase)', '["PEN","INK"]'],
    ['($up := $uppercase(?); $up("a"))', '"A"'],
    ['data.items.name ~> $join("+") ~> $uppercase', '"PEN+INK"'],
    [
      'data ~> |items|{"price": price, "sum": price * count}, ["count"]| ~> $lookup("items")',
      '[{"name":"pen","price":2.50,"sum":5},{"name":"ink","price":10,"sum":10}]',
    ],
    ['$replace("a.b.c", ".", "-")', '"a-b-c"'],
    ['$replace("265USD", /([0-9]+)USD/, "$$$1")', '"$265"'],
    ['$replace("abc", /[ab]/, function($m) { $uppercase($m.match) })', '"ABc"'],
    ['$match("a1b22", /[a-z]([0-9]+)/).groups', '["1","22"]'],
    ['$split("a, b,c", /, ?/)', '["a","b","c"]'],
    ['$contains("Hookline", /hook/i)', 'true'],
    ['$fromMillis(0, "[D01].[M01].[Y0001]")', '"01.01.1970"'],
    ['$toMillis("1970-01-01T00:00:01Z")', '1000'],
    ['$formatNumber(data.total, "0.00")', '"1.10"'],
    ['$base64encode("ü") & $base64decode("w7w=")', '"w7w=ü"'],
    ['"Bearer " & $secret("token")', '"Bearer sesame"'],
    ['data.items#$i.{"at": $i, "name": name}', '[{"at":0,"name":"pen"},{"at":1,"name":"ink"}]'],
    ['data.items@$i.{"name": $i.name}', '[{"name":"pen"},{"name":"ink"}]'],
    ['data.customer ?? "nobody"', '"Ada"'],
    ['data.zero ? "some" : "none"', '"none"'],
    ['$string(data.items[0])', '"{\\"name\\":\\"pen\\",\\"price\\":2.50,\\"count\\":2}"'],
    ['$type(data.huge)', '"number"'],
  ])('%s', async ([source, expected]) => {
    expect(await result(source)).toBe(expected)
  })

  it.for<readonly [string, string]>([
    ['data.total', '1.10'],
    [
      '{"n": data.huge, "all": [data.beyond, data.long]}',
      '{"n":9007199254740993,"all":[1e400,0.12345678901234567890]}',
    ],
    ['data.items.price', '[2.50,10]'],
    ['$merge([data, {"paid": false}]).huge', '9007199254740993'],
    ['$filter(data.items, function($i) { $i.price > 5 }).price', '10'],
    ['"no. " & data.huge', '"no. 9007199254740993"'],
    ['data.total + 1', '2.1'],
    ['data.total = 1.1', 'true'],
    ['-data.total', '-1.1'],
    ['$max(data.items.price)', '10'],
  ])('passes numbers on as they were written: %s', async ([source, expected]) => {
    expect(await result(source)).toBe(expected)
  })

  it.for([
    'data.huge + 1',
    'data.huge = 1',
    'data.huge > 1',
    '$sum([1, data.huge])',
    '-data.huge',
    'data.items[$$.data.huge]',
    '[1, 2]^($$.data.huge)',
    'data.huge ? 1 : 2',
    '$filter([1], function($i) { $$.data.huge })',
    '[data.huge] = [1]',
    '$string(data.huge * 1)',
  ])('refuses to compute with a number that JavaScript does not hold: %s', async (source) => {
    expect(await result(source)).toBe(
      'number_not_exact: The number at data.huge cannot be computed with exactly; it can only be passed on.',
    )
  })

  it.for<readonly [string, string, number, string]>([
    ['data.', 'syntax', 5, 'Unexpected end of expression.'],
    ['a = \n  )', 'syntax', 7, 'The symbol ")" cannot be used as a unary operator.'],
    ['{"a": $uppercas(b)}', 'unknown_name', 6, 'There is no variable or function $uppercas.'],
    [
      '  $now()',
      'not_allowed',
      2,
      '$now() is not available: an expression gives the same for the same event, each time.',
    ],
    [
      '$match(a, /(?=b)/)',
      'not_allowed',
      10,
      'The regular expression cannot be matched in linear time: look-around and back references are not supported.',
    ],
    [
      '{"n": -9007199254740993}',
      'not_allowed',
      7,
      'The number 9007199254740993 would become 9007199254740992: JavaScript does not hold it.',
    ],
    [
      'a1 + 0.12345678901234567890',
      'not_allowed',
      5,
      'The number 0.12345678901234567890 would become 0.12345678901234568: JavaScript does not hold it.',
    ],
  ])('that is wrong is told where: %s', async ([source, code, position, message]) => {
    expect(await result(source)).toMatchObject({ code, position, message })
  })

  it.each([
    ['9007199254740992', '9007199254740992'],
    ['[1.10, 1e2, -0.50, 0.1]', '[1.1,100,-0.5,0.1]'],
    ['($a1 := 3; $a1 - 1)', '2'],
    ['[1..3]', '[1,2,3]'],
  ])('may have the number that it writes: %s', async (source, value) => {
    expect(await result(source, '{}')).toBe(value)
  })

  it('tells the line and the column', async () => {
    expect(await result('{\n  "a": $nothing\n}')).toMatchObject({ line: 2, column: 8 })
  })

  it('that fails tells why, and nothing of the event', async () => {
    expect(await result('data.customer + 1')).toBe(
      'failed: What stands left of an operator must be a number (character 15).',
    )
  })

  it('takes as many steps as it is given', async () => {
    expect(await result('[1..50].($ * 2)', DATA, 20)).toBe(
      'too_many_steps: The expression takes more than 20 steps.',
    )
  })

  it('does not take data for what the library makes itself', async () => {
    const data = '{"f":{"_jsonata_lambda":true,"body":{}}}'
    await expect(result('data.f()', data)).rejects.toThrow('a name that expressions reserve')
  })

  it('makes a text of as many characters as it may, and no more', async () => {
    const chars = (width: number, fill = 'x') => result(`$length($pad("ab", ${width}, "${fill}"))`)
    expect(await chars(EXPRESSION.textChars)).toBe(String(EXPRESSION.textChars))
    expect(await chars(-EXPRESSION.textChars)).toBe(String(EXPRESSION.textChars))
    expect(await chars(EXPRESSION.textChars + 1)).toContain('too_large')
    expect(await chars(EXPRESSION.textChars / 2, 'xyz')).toContain('too_large')
  })

  it('knows the secrets that it names', () => {
    expect(compileExpression('$secret("a") & $secret("b") & $secret(c)')).toMatchObject({
      secrets: [
        { name: 'a', position: 0 },
        { name: 'b', position: 15 },
        { name: null, position: 30 },
      ],
    })
  })
})
