/** Every table of the database, whose rows tests delete or look through. */
export const tables = [
  'cells',
  'marks',
  'allowances',
  'report_ids',
  'rates',
  'periods',
  'pages',
  'sums',
  'spending',
  'hours',
  'signs',
];
